import type { Deed } from "../../lottery/act.ts";
import { ACT_RECORD_BYTES_MAX, CONTROL_RECORD_BYTES_MAX } from "./layout.ts";

/** So many acts have room on a full disk: a close, the numbers of two operators, and a run. */
const ACTS_TO_END = 4;

/** Room that batches leave, so that a draw can come to its end on a full disk. @param missing agencies */
export function roomToEnd(missing: number): number {
  // A DONE of each agency; seal, draw, and that the draw was told.
  return (missing + 3) * CONTROL_RECORD_BYTES_MAX + ACTS_TO_END * ACT_RECORD_BYTES_MAX;
}

/**
 * Room that an act must leave after it. An agency may be closed out, and a number proposed, as often as
 * operators like: they must not take the room of what is needed for the end.
 *
 * @param missing how many agencies the draw waits for before the act
 */
export function roomAfterAct(kind: Deed["kind"], missing: number): number {
  switch (kind) {
    case "open":
    case "close-out":
      return roomToEnd(missing);
    case "close":
      return 3 * CONTROL_RECORD_BYTES_MAX;
    case "propose-number":
      // For the second operator, and for the one who lets the draw go on.
      return 2 * CONTROL_RECORD_BYTES_MAX + 2 * ACT_RECORD_BYTES_MAX;
    case "tell-number":
    case "run":
      return 2 * CONTROL_RECORD_BYTES_MAX;
    case "cancel":
      return 0;
    default:
      return kind satisfies never;
  }
}
