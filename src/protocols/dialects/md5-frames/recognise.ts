import type { Recognition } from "../../dialect.ts";
import { LENGTH_MIN, MARKS, PAYLOAD_AT, TYPE_AT, TYPES } from "./layout.ts";

/** What a client's first frame may be. All types fit in their second byte. */
const FIRST_TYPES: ReadonlySet<number | undefined> = new Set<number>([
  TYPES.bet,
  TYPES.batch,
  TYPES.done,
  TYPES.question,
]);

/** A frame with a client's type, below 16 MiB, whose payload begins with a brace. */
export function recogniseMd5Frames(head: Uint8Array): Recognition {
  for (const at of [0, TYPE_AT]) {
    if (head.length <= at) return "more";
    if (head[at] !== 0) return "no";
  }
  const [, high = 0, middle = 0, low = 0] = head;
  // The payload has a brace at least.
  if (high === 0 && middle === 0 && low <= LENGTH_MIN) return "no";
  const type = head[TYPE_AT + 1];
  if (type === undefined) return "more";
  if (!FIRST_TYPES.has(type)) return "no";
  const first = head[PAYLOAD_AT];
  if (first === undefined) return "more";
  return first === MARKS.openingBrace ? "yes" : "no";
}
