import { readLedger } from "../checker/read-ledger.ts";

/** How far a draw has come, by its files: `told, writing bets.csv`. */
export function phaseOf(files: ReadonlyMap<string, Uint8Array>): string {
  const { records } = readLedger(files);
  const has = (kind: (typeof records)[number]["kind"]): boolean =>
    records.some((record) => record.kind === kind);
  if (!has("seal")) {
    if (has("done")) return "some done";
    return has("batch") ? "load" : "nothing stored";
  }
  const published = files.has("seal.json")
    ? "published"
    : files.has("bets.csv")
      ? "writing seal.json"
      : files.has("bets.csv.tmp")
        ? "writing bets.csv"
        : "nothing published";
  return `${has("told") ? "told" : has("draw") ? "drawn" : "sealed"}, ${published}`;
}
