import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import type { DoneClaim } from "../../src/lottery/draw-book.ts";
import type { SealShare } from "../../src/lottery/seal-proofs.ts";
import { FIRST_STANDING, type Standing } from "../../src/lottery/standing.ts";
import { winnersOfBets } from "../support/documents.ts";
import type { Door, SessionAdmitter } from "../../src/central/admitter.ts";
import type {
  AgencyResults,
  BatchVerdict,
  Claim,
  Counter,
  DrawView,
  NumberedOffer,
  Refusal,
} from "../../src/protocols/counter.ts";
import type { DoneVerdict } from "../../src/store/bet-store.ts";

export interface Submission {
  readonly sequence: number;
  readonly agency: number;
  readonly count: number;
  readonly lines: string;
  readonly single: boolean;
  readonly settle: (verdict: BatchVerdict) => void;
}

interface Pending<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

/** A desk that does nothing by itself: tests settle every call at its counters when and how they like. */
export class ScriptedDesk implements Door {
  readonly attended: { agency: number; draw: string; proof: Buffer | undefined }[] = [];
  readonly submissions: Submission[] = [];
  readonly claims: DoneClaim[] = [];
  readonly resultsAsked: { agency: number; signal: AbortSignal }[] = [];
  /** Admits nobody, for this reason. */
  refusal: Refusal | undefined;
  /** Admitters that were closed. */
  closed = 0;
  sealAsked = 0;
  fence: (() => void) | undefined;
  readonly #attending: Pending<DrawView>[] = [];
  readonly #dones: Pending<DoneVerdict>[] = [];
  readonly #results: Pending<AgencyResults>[] = [];
  readonly #shares: Pending<SealShare | undefined>[] = [];
  #standing: Standing = FIRST_STANDING;

  admitter(): SessionAdmitter {
    return {
      congested: false,
      waitForRoom: never("waits for room"),
      close: () => void this.closed++,
      admit: (claim) => this.#admit(claim),
    };
  }

  #admit({ agency, draw, proof }: Claim): Counter | Refusal {
    this.attended.push({ agency, draw, proof: proof && Buffer.from(proof) });
    if (this.refusal !== undefined) return this.refusal;
    return {
      kind: "counter",
      agency: agency as AgencyId,
      draw: () => pend(this.#attending),
      standing: () => Promise.resolve(this.#standing),
      hold: (onFenced) => {
        this.fence = onFenced;
      },
      submit: (batch, settle) => this.#submit(agency, batch, settle),
      submitUnnumbered: never("sends batches without numbers"),
      done: (claim) => {
        if (claim !== undefined) this.claims.push(claim);
        return pend(this.#dones);
      },
      results: (signal) => {
        this.resultsAsked.push({ agency, signal });
        return pend(this.#results);
      },
      resultsNow: never("asks again and again"),
      sealShare: () => {
        this.sealAsked++;
        return pend(this.#shares);
      },
    };
  }

  #submit(agency: number, batch: NumberedOffer, settle: (verdict: BatchVerdict) => void): void {
    const { sequence, count, single = false } = batch;
    const lines = Buffer.from(batch.lines).toString();
    this.submissions.push({ agency, sequence, count, lines, single, settle });
  }

  /** Lets the oldest one who attends in. */
  welcome(standing: Partial<Standing> = {}, draw: Partial<DrawView> = {}): Promise<void> {
    this.#standing = { ...FIRST_STANDING, ...standing };
    return settled(this.#attending, ({ resolve }) =>
      resolve({ name: "1", state: "open", agencies: 5, ...draw }),
    );
  }

  failToAttend(): Promise<void> {
    return settled(this.#attending, ({ reject }) => reject(new Error("the store is gone")));
  }

  /** Settles the submission of a batch, the oldest with that sequence. */
  settle(sequence: number, verdict: BatchVerdict): void {
    const at = this.submissions.findIndex((submission) => submission.sequence === sequence);
    const [submission] = this.submissions.splice(at, 1);
    if (at < 0 || submission === undefined) throw new Error(`batch ${sequence} is not submitted`);
    submission.settle(verdict);
  }

  recordDone(verdict: DoneVerdict): Promise<void> {
    return settled(this.#dones, ({ resolve }) => resolve(verdict));
  }

  failToRecordDone(): Promise<void> {
    return settled(this.#dones, ({ reject }) => reject(new Error("the store is gone")));
  }

  draw(documents: readonly string[]): Promise<void> {
    const winners = winnersOfBets(documents.map(winnerWith));
    const outcome = { draw: "1", winningNumber: 7574, seal: SEAL };
    return settled(this.#results, ({ resolve }) => resolve({ outcome, winners }));
  }

  showSeal(share: SealShare | undefined): Promise<void> {
    return settled(this.#shares, ({ resolve }) => resolve(share));
  }

  failToShowSeal(): Promise<void> {
    return settled(this.#shares, ({ reject }) => reject(new Error("the central stops")));
  }

  failToDraw(): Promise<void> {
    return settled(this.#results, ({ reject }) => reject(new Error("the central stops")));
  }
}

/** A bet that won, with that document. */
export function winnerWith(document: string): Bet {
  return {
    agency: 1 as AgencyId,
    firstName: "Ana",
    lastName: "Paz",
    document,
    birthdate: "1990-01-31",
    number: 7574,
  };
}

export const SEAL: Buffer = Buffer.alloc(32, 0x5e);

/** A chain head that tells which batch it is after. */
export function headAfter(sequence: number): Buffer {
  return Buffer.alloc(32, sequence);
}

export function stored(sequence: number): BatchVerdict {
  return { kind: "stored", head: headAfter(sequence) };
}

/** Lets everything that only waits for promises happen. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function never(what: string): () => never {
  return () => {
    throw new Error(`nobody ${what} here`);
  };
}

function pend<Value>(list: Pending<Value>[]): Promise<Value> {
  return new Promise((resolve, reject) => list.push({ resolve, reject }));
}

async function settled<Value>(
  list: Pending<Value>[],
  settle: (pending: Pending<Value>) => void,
): Promise<void> {
  const pending = list.shift();
  if (pending === undefined) throw new Error("nobody asked");
  settle(pending);
  await turn();
}
