import type { DecoderCase } from "../spoken.ts";
import { BETTING } from "./spoken.ts";

/** One of the decoders of a dialect, and whose it is. */
export interface NamedDecoder extends DecoderCase {
  readonly dialect: string;
}

export const DECODERS: readonly NamedDecoder[] = BETTING.flatMap(({ name, decoders }) =>
  decoders.map((decoder) => ({ ...decoder, dialect: name })),
);

export function titleOf({ dialect, by, told }: NamedDecoder): string {
  const what = `${dialect}, what ${by === "agency" ? "agencies" : "the central"} sent`;
  return told === undefined ? what : `${what}, told ${told}`;
}
