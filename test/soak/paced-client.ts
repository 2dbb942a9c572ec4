import { setTimeout as delay } from "node:timers/promises";
import { connectTo } from "../../src/agency/connect.ts";
import { type AgencyId, type Bet, WINNING_NUMBER_DEFAULT } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import type { AgencyLink } from "../../src/protocols/agency-link.ts";
import { AGENCY_DIALERS } from "../../src/protocols/dialects.ts";

export interface PacedClientOptions {
  readonly port: number;
  readonly agency: AgencyId;
  readonly dialect: string;
  readonly betsPerSecond: number;
  /** One bet in so many wins; 0 for none. */
  readonly winningEvery: number;
  /** Called for every batch that is confirmed, with its bets. */
  readonly onConfirmed: (bets: number) => void;
}

/** The default of the course's clients. */
const BATCH_BETS = 100;
/** A new connection after so many batches. */
const BATCHES_PER_CONNECTION = 50;
const TIMEOUT_MS = 30_000;
const FRAME_BYTES_MAX = 8192;

/**
 * One agency that sends batches at a steady pace, one at a time, over connections that come and go.
 * It checks the answers: every batch is accepted, and the standing is its own.
 */
export class PacedClient {
  readonly agency: AgencyId;
  readonly winners: string[] = [];
  readonly #options: PacedClientOptions;
  #link: AgencyLink | undefined;
  #bets = 0;
  #batches = 0;
  #head: Uint8Array = FIRST_HEAD;

  constructor(options: PacedClientOptions) {
    this.#options = options;
    this.agency = options.agency;
  }

  /** Bets that were confirmed. */
  get bets(): number {
    return this.#bets;
  }

  get batches(): number {
    return this.#batches;
  }

  /** Sends until told to stop. @throws Error for anything that must not happen to a good agency */
  async send(signal: AbortSignal): Promise<void> {
    const periodMs = (1000 * BATCH_BETS) / this.#options.betsPerSecond;
    for (let nextMs = performance.now(); !signal.aborted; nextMs += periodMs) {
      const pauseMs = nextMs - performance.now();
      // It follows its own pace, not the central's: after a delay it catches up.
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      await this.#sendBatch();
    }
  }

  /** Says that it is done, and waits for its winners. */
  async finish(): Promise<readonly string[]> {
    const link = await this.#connected();
    await link.done({ batches: this.#batches, bets: this.#bets, head: this.#head });
    const results = await link.results();
    return results?.winners ?? [];
  }

  async close(): Promise<void> {
    await this.#link?.close();
    this.#link = undefined;
  }

  async #sendBatch(): Promise<void> {
    if (this.#batches % BATCHES_PER_CONNECTION === 0) await this.close();
    const link = await this.#connected();
    const bets = Array.from({ length: BATCH_BETS }, (_, index) => this.#bet(this.#bets + index));
    const lines = encodeLines(bets);
    const sequence = this.#batches + 1;
    const answer = await link.send({ sequence, bets, lines });
    if (answer.kind !== "accepted") throw this.#failed(`batch ${sequence} is ${answer.kind}`);
    this.#head = nextHead(this.#head, sequence, bets.length, lines);
    this.#batches = sequence;
    this.#bets += bets.length;
    for (const { number, document } of bets) {
      if (number === WINNING_NUMBER_DEFAULT) this.winners.push(document);
    }
    this.#options.onConfirmed(bets.length);
  }

  async #connected(): Promise<AgencyLink> {
    if (this.#link !== undefined) return this.#link;
    const { port, dialect, agency } = this.#options;
    const dialer = AGENCY_DIALERS.get(dialect);
    if (dialer === undefined) throw this.#failed("nobody speaks so");
    const link = await dialer.dial({
      agency,
      draw: "",
      connect: connectTo({ host: "127.0.0.1", port, timeoutMs: TIMEOUT_MS }),
      answerTimeoutMs: TIMEOUT_MS,
      frameBytesMax: FRAME_BYTES_MAX,
      signal: new AbortController().signal,
    });
    this.#link = link;
    const { standing } = link;
    if (standing !== undefined && standing.bets !== this.#bets) {
      throw this.#failed(`the central has ${standing.bets} bets, confirmed are ${this.#bets}`);
    }
    return link;
  }

  #bet(index: number): Bet {
    const { winningEvery } = this.#options;
    const wins = winningEvery > 0 && index % winningEvery === 0;
    return {
      agency: this.agency,
      firstName: "Santiago Lionel",
      lastName: "Lorca",
      document: String(10_000_000 + (index % 4_000_000_000)),
      birthdate: "1999-03-17",
      number: wins ? WINNING_NUMBER_DEFAULT : index % WINNING_NUMBER_DEFAULT,
    };
  }

  #failed(state: string): Error {
    const { dialect } = this.#options;
    return new Error(`Agency ${this.agency} cannot go on in ${dialect}: ${state}`);
  }
}
