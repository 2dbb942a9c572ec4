import type { Dialect, Recognition } from "../../dialect.ts";
import { recognisePrefix } from "../../recognise.ts";
import { createNewlineFieldsDialer, EXERCISE_6, EXERCISE_7, FINAL } from "./dial.ts";
import { serveNewlineFields } from "./serve.ts";
import {
  AGENCY_DIGITS_MAX,
  BATCH_TYPE,
  CONFIRMATION_TYPE,
  DIALECT,
  LF,
  QUESTION_TYPE,
} from "./wire.ts";

/** docs/protocols/newline-fields.md */
export const newlineFieldsDialect: Dialect = {
  name: DIALECT,
  recognise: recogniseNewlineFields,
  serve: serveNewlineFields,
  dialer: createNewlineFieldsDialer(FINAL),
  earlier: {
    ej6: createNewlineFieldsDialer(EXERCISE_6),
    ej7: createNewlineFieldsDialer(EXERCISE_7),
  },
};

const FIRST_LINES = [BATCH_TYPE, CONFIRMATION_TYPE, QUESTION_TYPE].map((type) =>
  Buffer.from(`${type}\n`, "latin1"),
);

const ZERO = 0x30;
const NINE = 0x39;

/** Recognises a type on its own line; or an agency's number, in exercises 5 and 6. */
export function recogniseNewlineFields(head: Uint8Array): Recognition {
  const recognitions = FIRST_LINES.map((line) => recognisePrefix(head, line));
  if (recognitions.includes("yes")) return "yes";
  return recognitions.includes("more") ? "more" : recogniseNumber(head);
}

function recogniseNumber(head: Uint8Array): Recognition {
  for (const [at, byte] of head.entries()) {
    if (byte === LF && at > 0) return "yes";
    if (byte < ZERO || byte > NINE || at === AGENCY_DIGITS_MAX) return "no";
  }
  return "more";
}
