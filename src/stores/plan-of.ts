import type { DrawPlan } from "../lottery/draw-plan.ts";
import type { StoreOptions } from "../store/bet-store.ts";

/** The plan of the draw that a store is opened with. */
export function planOf({
  draw: name,
  winningNumber,
  agencies,
  closesAtMs,
  secondOperator,
  byOperator,
  openedBy,
}: StoreOptions): DrawPlan {
  return { name, winningNumber, agencies, closesAtMs, secondOperator, byOperator, openedBy };
}
