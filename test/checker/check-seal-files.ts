import { createHash } from "node:crypto";
import type { Evidence } from "./evidence.ts";
import type { Recount } from "./recount.ts";
import type { Report } from "./violation.ts";

/** Compares the files that follow a draw, and `draw.json`, with the records. */
export function checkSealFiles(evidence: Evidence, recount: Recount, report: Report): void {
  const { files, over, filesMayBeMissing = false } = evidence;
  checkDrawFile(evidence, report);
  const bets = files.get("bets.csv");
  const sealFile = files.get("seal.json");
  // They come after the draw: before it they must not exist.
  if (recount.seal === undefined || recount.draws === 0) {
    if (bets !== undefined) report("bets-file", "there is a bets.csv, and no draw");
    if (sealFile !== undefined) report("seal", "there is a seal.json, and no draw");
    return;
  }
  const due = over && !filesMayBeMissing;
  if (bets !== undefined) checkBets(bets, recount.bets, report);
  else if (due) report("bets-file", "there is no bets.csv");
  if (sealFile !== undefined) checkSealFile(sealFile, evidence, recount, report);
  else if (due) report("seal", "there is no seal.json");
}

function checkBets(found: Uint8Array, expected: Buffer, report: Report): void {
  if (expected.equals(found)) return;
  let at = 0;
  while (at < found.length && at < expected.length && found[at] === expected[at]) at++;
  report(
    "bets-file",
    `bets.csv (${found.length} bytes) is not the stored bets in the order of their acceptance (${expected.length} bytes): they part at byte ${at}`,
  );
}

function checkSealFile(
  bytes: Uint8Array,
  { draw, winningNumber, agencies }: Evidence,
  recount: Recount,
  report: Report,
): void {
  const contents = parseObject(bytes);
  if (contents === undefined) {
    report("seal", "seal.json is no JSON of an object");
    return;
  }
  const counts = Array.from({ length: agencies }, (_, index) => {
    const account = recount.accounts.get(index + 1);
    return {
      agency: index + 1,
      batches: account?.batches.length,
      bets: account?.bets,
      head: account?.head,
      ...(account?.closedOut === true ? { closedOut: true } : {}),
    };
  });
  const expected = {
    version: 2,
    draw,
    winningNumber,
    agencies: counts,
    acts: recount.acts,
    bets: counts.reduce((sum, { bets = 0 }) => sum + bets, 0),
    seal: recount.seal,
  };
  for (const [key, value] of Object.entries(expected)) {
    compare("seal", `seal.json: ${key}`, contents.get(key), value, report);
  }
  const sha256 = createHash("sha256").update(recount.bets).digest("hex");
  const size = recount.bets.length;
  compare("bets-file", "seal.json: betsCsvSha256", contents.get("betsCsvSha256"), sha256, report);
  compare("bets-file", "seal.json: betsCsvBytes", contents.get("betsCsvBytes"), size, report);
}

function checkDrawFile(evidence: Evidence, report: Report): void {
  const bytes = evidence.files.get("draw.json");
  if (bytes === undefined) return;
  const contents = parseObject(bytes);
  compare("draw-file", "draw.json: version", contents?.get("version"), 2, report);
  const { draw, winningNumber, agencies, numberTold } = evidence;
  const expected = { draw, winningNumber: numberTold === true ? null : winningNumber, agencies };
  for (const [key, value] of Object.entries(expected)) {
    compare("draw-file", `draw.json: ${key}`, contents?.get(key), value, report);
  }
}

function parseObject(bytes: Uint8Array): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function compare(
  rule: Parameters<Report>[0],
  what: string,
  found: unknown,
  expected: unknown,
  report: Report,
): void {
  const [is, must] = [JSON.stringify(found), JSON.stringify(expected)];
  if (is !== must) report(rule, `${what} is ${is}, not ${must}`);
}
