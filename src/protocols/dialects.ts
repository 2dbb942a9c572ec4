import type { AgencyDialer } from "./agency-link.ts";
import type { Dialect } from "./dialect.ts";
import { colonLinesDialect } from "./dialects/colon-lines/dialect.ts";
import { createEchoDialect } from "./dialects/echo/dialect.ts";
import { fixed70Dialect } from "./dialects/fixed70/dialect.ts";
import { md5FramesDialect } from "./dialects/md5-frames/dialect.ts";
import { nativeDialect } from "./dialects/native/dialect.ts";
import { newlineFieldsDialect } from "./dialects/newline-fields/dialect.ts";
import { tlvDialect } from "./dialects/tlv/dialect.ts";

/**
 * All dialects of this build, in the order in which they are asked whether a connection is theirs. A new one
 * needs its folder and a line here; the echo is the last.
 */
export const DIALECTS: readonly Dialect[] = [
  nativeDialect,
  fixed70Dialect,
  colonLinesDialect,
  tlvDialect,
  md5FramesDialect,
  newlineFieldsDialect,
  createEchoDialect({ anyLine: false }),
];

export function dialectNames(): string[] {
  return DIALECTS.map(({ name }) => name);
}

/** The agency's side of all dialects and versions, by name: `native`, `tlv`, `tlv/ej6`. */
export const AGENCY_DIALERS: ReadonlyMap<string, AgencyDialer> = new Map(
  DIALECTS.flatMap(({ name, dialer, earlier = {} }) => [
    ...(dialer === undefined ? [] : [[name, dialer] as const]),
    ...Object.entries(earlier).map(([version, old]) => [`${name}/${version}`, old] as const),
  ]),
);

/** Names of the dialects and versions that an agency can speak. */
export function agencyDialectNames(): string[] {
  return [...AGENCY_DIALERS.keys()];
}

/** Names of those that have a draw. */
export function drawDialectNames(): string[] {
  return [...AGENCY_DIALERS].filter(([, { drawless }]) => drawless !== true).map(([name]) => name);
}

/** Names of those in which an agency can keep receipts. */
export function chainedDialectNames(): string[] {
  return [...AGENCY_DIALERS].filter(([, { chained }]) => chained === true).map(([name]) => name);
}

/**
 * The dialects that a central speaks: in mode `lottery` the configured ones, in mode `echo` only the echo,
 * which sends any line back.
 */
export function dialectsFor(config: {
  readonly mode: "lottery" | "echo";
  readonly dialects: readonly string[];
}): readonly Dialect[] {
  if (config.mode === "echo") return [createEchoDialect({ anyLine: true })];
  return DIALECTS.filter(({ name }) => config.dialects.includes(name));
}

/** The dialects that the configuration leaves out: the log names them when a peer speaks one. */
export function disabledDialects(config: {
  readonly mode: "lottery" | "echo";
  readonly dialects: readonly string[];
}): readonly Dialect[] {
  return DIALECTS.filter((dialect) => !dialectsFor(config).includes(dialect));
}
