import type { AgencyError } from "../../src/agency/agency-error.ts";
import type { LinkError } from "../../src/protocols/agency-link.ts";
import type { DrawScript, Part } from "./cast.ts";
import type { CentralHost } from "./central-host.ts";
import type { DrawsWatch } from "./draws-watch.ts";
import { isCancelled, isClosedOut, isOverFor } from "./durable.ts";
import type { Talk } from "./heard.ts";

export interface ExcuseOptions {
  readonly part: Part;
  readonly central: CentralHost;
  readonly draws: DrawsWatch;
  readonly scripts: readonly DrawScript[];
  readonly talk: Talk;
}

/**
 * Why an agency may end with an error where there are several draws: its draw is not open yet, or over, or
 * there is no current one.
 */
export type DrawExcuse = "not-yet" | "over";

/** @returns undefined when the states of the draws do not explain the error */
export function excuseByDraws(
  { code, message }: AgencyError | LinkError,
  options: ExcuseOptions,
): DrawExcuse | undefined {
  if (code !== "REFUSED" && code !== "SENDING_CLOSED" && code !== "BATCH_REFUSED") return undefined;
  const { part, talk } = options;
  const draw = talk.draw ?? part.draw;
  if (draw === undefined) return excuseByCurrent(options);
  // What the central says, in the native protocol.
  const refusal = /: ([A-Z_]+), /.exec(message)?.[1];
  return excuseOf(refusal ?? code, draw, options);
}

function excuseOf(
  refusal: string,
  draw: string,
  { part, central, draws, talk }: ExcuseOptions,
): DrawExcuse | undefined {
  const { memory } = central;
  const native = part.dialect === "native";
  switch (refusal) {
    case "UNKNOWN_DRAW":
      // It may have been opened since.
      return (draws.heldSince(draw) ?? Infinity) >= talk.since ? "not-yet" : undefined;
    case "DRAW_CANCELLED":
      return isCancelled(memory, draw) ? "over" : undefined;
    case "DONE_MISMATCH":
      return isClosedOut(memory, draw, part.agency) ? "over" : undefined;
    case "SENDING_CLOSED":
      return isOverFor(memory, draw, part.agency) ? "over" : undefined;
    default:
      return !native && isOverFor(memory, draw, part.agency) ? "over" : undefined;
  }
}

/** It named no draw, and has got none, or one that is over or not for it. */
function excuseByCurrent(options: ExcuseOptions): DrawExcuse | undefined {
  const { part, central, draws, scripts, talk } = options;
  const currents = draws.currentsSince(talk.since);
  const without = scripts.some(
    ({ plan }) =>
      currents.has(plan.name) &&
      (part.agency > plan.agencies || isOverFor(central.memory, plan.name, part.agency)),
  );
  return without || currents.has(undefined) ? "not-yet" : undefined;
}
