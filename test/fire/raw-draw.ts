import assert from "node:assert/strict";
import { WINNING_NUMBER } from "../blackbox/agency-data.ts";
import type { LogFeed } from "../blackbox/log-feed.ts";
import { assertSound } from "../checker/check-evidence.ts";
import { readDrawFiles } from "../checker/read-draw-files.ts";
import type { ClientEvidence } from "../checker/evidence.ts";
import { cutLines, type MarkedBets, markedBets } from "./marked-bets.ts";
import { RawAgency } from "./raw-agency.ts";

export interface RawDrawOptions {
  readonly port: number;
  readonly agencies: number;
  readonly betsEach: number;
  readonly batchBets: number;
  readonly window: number;
}

/** A draw with all agencies in this process, so that it is known exactly what they were told. */
export class RawDraw {
  readonly agencies: readonly RawAgency[];
  readonly #bets: readonly MarkedBets[];
  #runs: Promise<unknown> = Promise.resolve();

  constructor({ port, agencies, betsEach, batchBets, window }: RawDrawOptions) {
    this.#bets = Array.from({ length: agencies }, (_, index) =>
      markedBets(index + 1, betsEach, index * 3),
    );
    this.agencies = this.#bets.map((bets) => {
      const batches = cutLines(bets.lines, batchBets);
      return new RawAgency({ agency: bets.agency, port, batches, window });
    });
  }

  get acknowledged(): number {
    return this.agencies.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** They run until they have their winners. */
  begin(): void {
    for (const agency of this.agencies) agency.allowDone();
    this.#runs = Promise.all(this.agencies.map((agency) => agency.run()));
    // {@link ended} waits for these.
    this.#runs.catch(() => undefined);
  }

  /** Resolves when all have their winners. */
  async ended(): Promise<void> {
    await this.#runs;
    for (const [index, { winners }] of this.agencies.entries()) {
      assert.deepEqual(winners, this.#bets[index]?.winners);
    }
  }

  /** Resolves when everything that an ended central wrote has been read. */
  async quiet(): Promise<void> {
    for (const agency of this.agencies) await agency.quiet();
  }

  stop(): void {
    for (const agency of this.agencies) agency.stop();
  }

  /** Compares everything that is known with the files as they are now. */
  assertSound(drawDir: string, feed: LogFeed, over: boolean, drawMayBeToldAgain = false): void {
    assertSound({
      draw: "1",
      winningNumber: WINNING_NUMBER,
      agencies: this.agencies.length,
      clients: this.evidence(),
      files: readDrawFiles(drawDir),
      centralLog: feed.sightings.flatMap((seen) => (seen.kind === "line" ? [seen.text] : [])),
      agencyLog: [],
      drawMayBeToldAgain,
      over,
    });
  }

  evidence(): ClientEvidence[] {
    return this.agencies.map((raw, index) => rawEvidence(raw, this.#bets[index]?.markers ?? []));
  }
}

/** What an agency in this process knows. */
export function rawEvidence(raw: RawAgency, markers: readonly string[]): ClientEvidence {
  return {
    agency: raw.agency,
    batches: raw.batches.slice(0, raw.sent).map(({ lines }, index) => ({
      lines,
      answer: index < raw.acknowledged ? "acknowledged" : "none",
    })),
    done: raw.doneAcknowledged,
    winners: raw.winners,
    received: raw.received.map((chunks) => Buffer.concat(chunks)),
    markers,
    mayRepeat: false,
  };
}
