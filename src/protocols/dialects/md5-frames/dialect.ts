import type { Dialect, Recognition } from "../../dialect.ts";
import { createMd5FramesDialer } from "./dial.ts";
import { serveMd5Frames } from "./serve.ts";
import { LENGTH_MIN, MARKS, PAYLOAD_AT, TYPE_AT, TYPES } from "./wire.ts";

/** Frames with an identifier, and text like JSON in them: docs/protocols/md5-frames.md. */
export const md5FramesDialect: Dialect = {
  name: "md5-frames",
  recognise: recogniseMd5Frames,
  serve: serveMd5Frames,
  dialer: createMd5FramesDialer(),
  earlier: { ej6: createMd5FramesDialer({ draws: false }) },
};

/** The types of a client's first frame. The first byte of a type is always zero. */
const FIRST_TYPES: ReadonlySet<number | undefined> = new Set<number>([
  TYPES.bet,
  TYPES.batch,
  TYPES.done,
  TYPES.question,
]);

/** Recognises a frame below 16 MiB with a client's type and a payload that begins with a brace. */
export function recogniseMd5Frames(head: Uint8Array): Recognition {
  for (const at of [0, TYPE_AT]) {
    if (head.length <= at) return "more";
    if (head[at] !== 0) return "no";
  }
  const [, high = 0, middle = 0, low = 0] = head;
  // The payload has at least a brace.
  if (high === 0 && middle === 0 && low <= LENGTH_MIN) return "no";
  const type = head[TYPE_AT + 1];
  if (type === undefined) return "more";
  if (!FIRST_TYPES.has(type)) return "no";
  const first = head[PAYLOAD_AT];
  if (first === undefined) return "more";
  return first === MARKS.openingBrace ? "yes" : "no";
}
