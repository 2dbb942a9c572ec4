import { type ExpectedAgencies, Roster } from "./roster.ts";

/** What is settled about a draw before it opens. It never changes. */
export interface DrawPlan {
  readonly name: string;
  /** Undefined while nobody knows it: an operator tells it after the seal. */
  readonly winningNumber: number | undefined;
  /** For whom the draw waits. */
  readonly agencies: ExpectedAgencies;
  /** When the draw closes by the central's clock, in milliseconds since 1970 [only when all are done]. */
  readonly closesAtMs?: number | undefined;
  /** Whether another operator must type the number again [false]. */
  readonly secondOperator?: boolean | undefined;
  /** Whether the draw waits for an operator although it is sealed and its number is known [false]. */
  readonly byOperator?: boolean | undefined;
  /** Who opened it while a central ran [a central was started with it]. */
  readonly openedBy?: string | undefined;
  /** How the seal is computed: 1 in draws that were begun before acts existed [2]. */
  readonly sealVersion?: 1 | 2 | undefined;
}

/** Whether two plans settle the same, whoever opened the draw. */
export function samePlan(one: DrawPlan, other: DrawPlan): boolean {
  return settled(one) === settled(other);
}

function settled(plan: DrawPlan): string {
  const { name, winningNumber, agencies, closesAtMs, secondOperator, byOperator } = plan;
  const { size, listed } = new Roster(agencies);
  const expected = listed ?? size;
  const flags = [secondOperator === true, byOperator === true];
  return JSON.stringify([name, winningNumber ?? null, expected, closesAtMs ?? null, ...flags]);
}
