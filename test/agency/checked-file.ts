import assert from "node:assert/strict";
import { AgencyError } from "../../src/agency/agency-error.ts";
import { checkFile, type CheckOptions } from "../../src/agency/check-file.ts";
import { DataFile, type OpenData } from "../../src/agency/data-file.ts";
import { type BetRow, readBets } from "../../src/agency/read-bets.ts";
import { AGENCY, TODAY } from "./fake-central.ts";

export const RULES = { agency: AGENCY, today: TODAY, unfit: undefined };
export const GOOD = "Ana,Paz,30904465,1999-03-17,7574\n";

export interface Verdict {
  readonly bets: number;
  readonly problems: readonly string[];
}

export async function check(
  content: string | Buffer,
  options: Partial<CheckOptions> & { readonly readBytes?: number } = {},
): Promise<Verdict> {
  const problems: string[] = [];
  const bets = await checkFile("a.csv", inMemory(Buffer.from(content), options.readBytes), {
    ...RULES,
    signal: new AbortController().signal,
    onProblem: ({ message }) => problems.push(message),
    ...options,
  });
  return { bets, problems };
}

/** @param readBytes the most that one read returns */
export function inMemory(bytes: Buffer, readBytes = Number.POSITIVE_INFINITY): OpenData {
  return async () => {
    let at = 0;
    return {
      size: bytes.length,
      read: async (into) => {
        const piece = bytes.subarray(at, at + Math.min(into.length, readBytes));
        into.set(piece);
        at += piece.length;
        return piece.length;
      },
      close: async () => undefined,
    };
  };
}

/** The verdict of the reader that sends the file: slower, and always right. */
export async function slowVerdict(content: Buffer): Promise<Verdict> {
  const file = await DataFile.open("a.csv", inMemory(content));
  const rows: BetRow[] = [];
  try {
    for await (const some of readBets(file, { ...RULES, badRow: "stop" })) rows.push(...some);
    return { bets: rows.length, problems: [] };
  } catch (error) {
    assert.ok(error instanceof AgencyError, String(error));
    return { bets: rows.length, problems: [error.message] };
  }
}
