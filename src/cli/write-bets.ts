import { drawDirectory } from "../stores/ledger/draw-directory.ts";
import { readDraw } from "../stores/ledger/read-draw.ts";
import { plural } from "../lottery/plural.ts";
import type { StoredBatch } from "../store/bet-store.ts";
import { exporter } from "./export-format.ts";
import { formatCount } from "./numbers.ts";
import { type OutputOptions, writeOut } from "./write-out.ts";

/** Some bets of one batch, as canonical lines. */
type SomeBets = Pick<StoredBatch, "count" | "lines">;

/**
 * Writes bets of a draw as the options say, batch by batch, and prints their number on standard error.
 *
 * @param noun the word for one of them
 * @param pick returns the bets of a batch that are written
 */
export async function writeBets(
  dir: string,
  draw: string,
  options: OutputOptions,
  { noun, pick }: { readonly noun: string; readonly pick: (batch: StoredBatch) => SomeBets },
): Promise<void> {
  const { agency, format, formulaSafe = false, out } = options;
  const write = exporter(format, { formulaSafe });
  let written = 0;
  async function* pieces(): AsyncGenerator<string | Uint8Array> {
    for await (const batch of readDraw(dir, draw)) {
      if (agency !== undefined && batch.agency !== agency) continue;
      const bets = pick(batch);
      written += bets.count;
      if (bets.count > 0) yield write(bets);
    }
  }
  if (await writeOut(out, pieces(), drawDirectory(dir, draw)))
    console.error(plural(written, noun, formatCount));
}
