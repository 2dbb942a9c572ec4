import type { Dialect } from "./dialect.ts";
import { createEchoDialect } from "./echo/dialect.ts";
import { nativeDialect } from "./native/dialect.ts";

/** Every dialect this build speaks. A new one is its folder and a line here. */
export const DIALECTS: readonly Dialect[] = [nativeDialect, createEchoDialect({ anyLine: false })];

export function dialectNames(): string[] {
  return DIALECTS.map(({ name }) => name);
}

/** Names of the dialects in which an agency can send bets. */
export function agencyDialectNames(): string[] {
  return DIALECTS.filter(({ dialer }) => dialer !== undefined).map(({ name }) => name);
}

/**
 * What a central answers to: in mode `lottery` the dialects it is configured with; in mode `echo` any
 * line at all, sent back.
 */
export function dialectsFor(config: {
  readonly mode: "lottery" | "echo";
  readonly dialects: readonly string[];
}): readonly Dialect[] {
  if (config.mode === "echo") return [createEchoDialect({ anyLine: true })];
  return DIALECTS.filter(({ name }) => config.dialects.includes(name));
}
