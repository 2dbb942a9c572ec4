// Computes the bytes on the wire of a folder of agencies' files in every dialect:
// `node scripts/compare-dialects.mjs DIR [BETS]` after `npm run build`. Prints the table of
// docs/protocols/README.md: bytes that agencies send, for batches of at most BETS bets (100) and 8,192 bytes.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cutBatches } from "../dist/src/agency/batches.js";
import { DataFile } from "../dist/src/agency/data-file.js";
import { readBets } from "../dist/src/agency/read-bets.js";
import { formatLine } from "../dist/src/lottery/canonical-line.js";
import { calendarDay } from "../dist/src/lottery/calendar-day.js";
import { DIALECTS } from "../dist/src/protocols/dialects.js";

const [dir, amount = "100"] = process.argv.slice(2);
if (dir === undefined) {
  console.error("usage: node scripts/compare-dialects.mjs DIR [BETS]");
  process.exit(2);
}

console.log("| dialect | bytes | bytes a bet | batches | bets a batch |\n|---|---|---|---|---|");
for (const { name, dialer } of DIALECTS) {
  if (dialer === undefined) continue;
  const sum = { bytes: 0, bets: 0, batches: 0 };
  for (const file of readdirSync(dir).toSorted()) {
    const agency = /^agency-(\d+)\.csv$/.exec(file)?.[1];
    if (agency !== undefined) await measure(join(dir, file), Number(agency), dialer, sum);
  }
  const { bytes, bets, batches } = sum;
  const perBet = (bytes / bets).toFixed(1);
  const perBatch = (bets / batches).toFixed(1);
  console.log(`| \`${name}\` | ${bytes} | ${perBet} | ${batches} | ${perBatch} |`);
}

async function measure(path, agency, dialer, sum) {
  const file = await DataFile.open(path);
  const rows = readBets(file, {
    agency,
    badRow: "stop",
    today: calendarDay(new Date()),
    unfit: (bet) => dialer.unfit?.(bet),
  });
  const { measure } = dialer;
  const limits = { amountMax: Number(amount), bytesMax: 8192, measure, path };
  for await (const batch of cutBatches(rows, limits)) {
    sum.batches++;
    sum.bets += batch.bets.length;
    sum.bytes += measure.overheadBytes;
    for (const [index, bet] of batch.bets.entries()) {
      sum.bytes += measure.betBytes(bet, Buffer.byteLength(formatLine(bet)), index);
    }
  }
  await file.close();
}
