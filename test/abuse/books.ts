import assert from "node:assert/strict";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { runCli } from "../support/run-cli.ts";

/** A batch of bets that occur nowhere else. */
export interface SentBatch {
  readonly agency: AgencyId;
  /** Its place among its agency's batches, from 1. */
  readonly sequence: number;
  readonly bets: readonly Bet[];
  readonly lines: Buffer;
  /** The central has confirmed it. */
  acknowledged: boolean;
}

const FIRST_DOCUMENT = 10_000_000;
const NO_WINNER = 4321;

/** Everything that was sent to one central, to compare it with what the central stored. */
export class Books {
  /** By the first line, which no other batch has. */
  readonly #batches = new Map<string, SentBatch>();
  readonly #byAgency = new Map<number, SentBatch[]>();
  #agency: number;
  #document = FIRST_DOCUMENT;

  constructor(firstAgency = 1) {
    this.#agency = firstAgency;
  }

  /** An agency that has sent nothing. */
  newAgency(): AgencyId {
    return this.#agency++ as AgencyId;
  }

  /**
   * The agency's next batch.
   * @param overrides for each bet, by its place in the batch
   */
  batch(
    agency: AgencyId,
    bets: number,
    overrides: (index: number) => Partial<Bet> = () => ({}),
  ): SentBatch {
    const made = Array.from({ length: bets }, (_, index) => ({
      agency,
      firstName: "Ana María",
      lastName: "Peña",
      document: String(this.#document++),
      birthdate: "1990-01-31",
      number: NO_WINNER,
      ...overrides(index),
    }));
    const others = this.#byAgency.get(agency) ?? [];
    const sequence = others.length + 1;
    const batch = { agency, sequence, bets: made, lines: encodeLines(made), acknowledged: false };
    this.#byAgency.set(agency, [...others, batch]);
    this.#batches.set(firstLine(batch), batch);
    return batch;
  }

  /** What an agency says when it is done, provided that everything was stored. */
  claim(agency: AgencyId): { batches: number; bets: number; head: Uint8Array } {
    const batches = this.#byAgency.get(agency) ?? [];
    let head: Uint8Array = FIRST_HEAD;
    for (const { sequence, bets, lines } of batches) {
      head = nextHead(head, sequence, bets.length, lines);
    }
    return { batches: batches.length, bets: batches.reduce((n, b) => n + b.bets.length, 0), head };
  }

  get acknowledged(): number {
    return [...this.#batches.values()].filter(({ acknowledged }) => acknowledged).length;
  }

  /**
   * Compares the stored bets with what was sent: every acknowledged batch is there, once and whole,
   * each agency's batches are in their order, and there is nothing that was not sent.
   *
   * @returns the batches that are stored
   */
  assertStored(stored: string): ReadonlySet<SentBatch> {
    const lines = stored.split("\r\n");
    assert.equal(lines.pop(), "", "the last line is whole");
    const found = new Set<SentBatch>();
    const sequences = new Map<number, number>();
    for (let at = 0; at < lines.length; ) {
      const line = lines[at] ?? "";
      const batch = this.#batches.get(line);
      assert.ok(batch !== undefined, `line ${at + 1} begins no batch that was sent: ${line}`);
      const { agency, sequence, bets } = batch;
      const whole = lines.slice(at, at + bets.length).map((one) => `${one}\r\n`);
      assert.equal(whole.join(""), batch.lines.toString(), `a batch of agency ${agency} is whole`);
      assert.ok(!found.has(batch), `batch ${sequence} of agency ${agency} is stored twice`);
      assert.ok((sequences.get(agency) ?? 0) < sequence, `agency ${agency} is out of order`);
      sequences.set(agency, sequence);
      found.add(batch);
      at += bets.length;
    }
    for (const batch of this.#batches.values()) {
      if (batch.acknowledged) {
        assert.ok(
          found.has(batch),
          `batch ${batch.sequence} of agency ${batch.agency} was confirmed and is not stored`,
        );
      }
    }
    return found;
  }

  /** The same, for a central that has stopped; its files must also be sound. */
  async assertDurable(dataDir: string): Promise<ReadonlySet<SentBatch>> {
    const exported = await runCli(["export", dataDir]);
    assert.equal(exported.status, 0, exported.stderr);
    const verified = await runCli(["verify", dataDir, "--json"]);
    assert.equal(verified.status, 0, verified.stdout.slice(-1000));
    return this.assertStored(exported.stdout);
  }
}

function firstLine({ lines }: SentBatch): string {
  return lines.toString("utf8", 0, lines.indexOf("\r\n"));
}
