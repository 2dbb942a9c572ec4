import type { Dialect } from "./dialect.ts";
import { createEchoDialect } from "./echo/dialect.ts";
import { nativeDialect } from "./native/dialect.ts";

/** Every dialect this build speaks. A new one is its folder and a line here. */
export const DIALECTS: readonly Dialect[] = [nativeDialect, createEchoDialect({ anyLine: false })];
