import type { Dialect } from "../../dialect.ts";
import { createMd5FramesDialer } from "./dial.ts";
import { recogniseMd5Frames } from "./recognise.ts";
import { serveMd5Frames } from "./serve.ts";

/** Frames with an identifier, and text like JSON in them: docs/protocols/md5-frames.md. */
export const md5FramesDialect: Dialect = {
  name: "md5-frames",
  recognise: recogniseMd5Frames,
  serve: serveMd5Frames,
  dialer: createMd5FramesDialer(),
  earlier: { ej6: createMd5FramesDialer({ draws: false }) },
};
