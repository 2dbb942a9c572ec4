import { md5FramesDialect } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import { serving } from "../../served.ts";
import { payloadIn } from "./codec.ts";

/** What it says are payloads, one for each write. */
export const serve = serving(md5FramesDialect, (answers) =>
  answers.map((bytes) => payloadIn(bytes).toString()),
);

export const SUCCESS = "{result:success}";
export const FAILURE = "{result:failure}";
export const NO_WINNERS = "{ganadores:}";
