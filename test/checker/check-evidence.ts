import assert from "node:assert/strict";
import { checkLeaks } from "./check-leaks.ts";
import { checkLogs } from "./check-logs.ts";
import { checkSealFiles } from "./check-seal-files.ts";
import { checkStorage } from "./check-storage.ts";
import { checkSummaries } from "./check-summaries.ts";
import { checkWinners } from "./check-winners.ts";
import type { Evidence } from "./evidence.ts";
import { readLedger } from "./read-ledger.ts";
import { recount } from "./recount.ts";
import type { Report, Violation } from "./violation.ts";

/**
 * Decides whether a draw kept its promises, from what clients sent and received, from the logs, and
 * from the files that are left. It is slow and simple on purpose. It shares no code with the
 * programs, and imports nothing from src/ (./independence.test.ts), so that it does not make the
 * same mistakes as the store.
 *
 * @returns what is broken; nothing for a sound draw. It never throws, whatever the evidence is.
 */
export function checkEvidence(evidence: Evidence): readonly Violation[] {
  const { clients, files, over } = evidence;
  const violations: Violation[] = [];
  const report: Report = (rule, text, agency) => {
    violations.push(agency === undefined ? { rule, text } : { rule, agency, text });
  };

  const ledger = readLedger(files);
  for (const flaw of ledger.flaws) report("chain", flaw);
  if (over && ledger.torn !== undefined) {
    report("chain", `${ledger.torn.file} at byte ${ledger.torn.at}: bytes that are no record`);
  }
  const counted = recount(ledger.records, evidence, report);
  checkSummaries(files, ledger.records, evidence, report);
  checkSealFiles(evidence, counted, report);
  if (over && counted.seal === undefined) report("seal", "the draw is over, and not sealed");

  const unheard = new Set(counted.accounts.keys());
  for (const client of clients) {
    unheard.delete(client.agency);
    const account = counted.accounts.get(client.agency) ?? NOTHING;
    checkStorage(client, account, report);
    checkWinners(client, account, evidence, counted, report);
  }
  for (const agency of unheard) {
    const batches = counted.accounts.get(agency)?.batches.length ?? 0;
    if (batches > 0) report("invented", `${batches} batches of an agency that sent none`, agency);
  }
  checkLeaks(clients, report);
  checkLogs(evidence, counted, report);
  return violations;
}

const NOTHING = { batches: [], bets: 0, head: "", done: false, closedOut: false };

/** The most violations that are listed: one cause may have thousands. */
const LISTED_MAX = 20;

/** @throws AssertionError that lists what is broken */
export function assertSound(evidence: Evidence): void {
  const violations = checkEvidence(evidence);
  if (violations.length === 0) return;
  const listed = violations
    .slice(0, LISTED_MAX)
    .map(({ rule, agency, text }) =>
      agency === undefined ? `${rule}: ${text}` : `${rule} (agency ${agency}): ${text}`,
    );
  const more = violations.length - listed.length;
  if (more > 0) listed.push(`and ${more} more`);
  assert.fail(`The draw is not sound:\n  ${listed.join("\n  ")}`);
}
