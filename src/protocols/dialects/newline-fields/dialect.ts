import type { Dialect } from "../../dialect.ts";
import { createNewlineFieldsDialer, EXERCISE_6, EXERCISE_7, FINAL } from "./dial.ts";
import { DIALECT } from "./layout.ts";
import { recogniseNewlineFields } from "./recognise.ts";
import { serveNewlineFields } from "./serve.ts";

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
