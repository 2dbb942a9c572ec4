import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import type { DoneClaim } from "../../src/lottery/draw-book.ts";
import { FIRST_STANDING, type Standing } from "../../src/lottery/standing.ts";
import { winnersOfBets } from "../support/documents.ts";
import type {
  AgencyResults,
  Attendance,
  Desk,
  DeskVerdict,
  DrawView,
  Refusal,
} from "../../src/protocols/desk.ts";

export interface Submission {
  readonly sequence: number;
  readonly agency: number;
  readonly count: number;
  readonly lines: string;
  readonly single: boolean;
  readonly settle: (verdict: DeskVerdict) => void;
}

interface Pending<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

type DoneResult = Awaited<ReturnType<Desk["done"]>>;

/** A desk that does nothing by itself: tests settle every call when and how they like. */
export class ScriptedDesk implements Desk {
  readonly attended: { agency: number; draw: string }[] = [];
  readonly submissions: Submission[] = [];
  readonly claims: DoneClaim[] = [];
  readonly resultsAsked: { agency: number; signal: AbortSignal }[] = [];
  released = 0;
  fence: (() => void) | undefined;
  readonly #attending: Pending<Attendance | Refusal>[] = [];
  readonly #dones: Pending<DoneResult>[] = [];
  readonly #results: Pending<AgencyResults>[] = [];
  readonly congested = false;

  whenRoom(): void {
    throw new Error("nobody waits for room here");
  }

  view(): Promise<DrawView> {
    throw new Error("nobody looks at the draw here");
  }

  resultsNow(): Promise<undefined> {
    throw new Error("nobody asks again and again here");
  }

  submitUnnumbered(): void {
    throw new Error("everybody numbers batches here");
  }

  known(agency: number): AgencyId | undefined {
    return agency as AgencyId;
  }

  attend(agency: number, draw: string): Promise<Attendance | Refusal> {
    this.attended.push({ agency, draw });
    return pend(this.#attending);
  }

  submit(
    batch: { agency: number; sequence: number; count: number; lines: Uint8Array; single?: boolean },
    settle: (verdict: DeskVerdict) => void,
  ): void {
    const { agency, sequence, count, single = false } = batch;
    const lines = Buffer.from(batch.lines).toString();
    this.submissions.push({ agency, sequence, count, lines, single, settle });
  }

  done(_agency: AgencyId, claim?: DoneClaim): Promise<DoneResult> {
    if (claim !== undefined) this.claims.push(claim);
    return pend(this.#dones);
  }

  results(agency: AgencyId, signal: AbortSignal): Promise<AgencyResults> {
    this.resultsAsked.push({ agency, signal });
    return pend(this.#results);
  }

  /** Lets the oldest one who attends in. */
  welcome(standing: Partial<Standing> = {}, draw: Partial<DrawView> = {}): Promise<void> {
    const agency = this.attended.at(-1)?.agency as AgencyId;
    return settled(this.#attending, ({ resolve }) =>
      resolve({
        kind: "welcome",
        agency,
        draw: { name: "1", state: "open", agencies: 5, ...draw },
        standing: { ...FIRST_STANDING, ...standing },
        hold: (onFenced) => {
          this.fence = onFenced;
          return { release: () => void this.released++ };
        },
      }),
    );
  }

  refuse(refusal: Refusal): Promise<void> {
    return settled(this.#attending, ({ resolve }) => resolve(refusal));
  }

  failToAttend(): Promise<void> {
    return settled(this.#attending, ({ reject }) => reject(new Error("the store is gone")));
  }

  /** Settles the submission of a batch, the oldest with that sequence. */
  settle(sequence: number, verdict: DeskVerdict): void {
    const at = this.submissions.findIndex((submission) => submission.sequence === sequence);
    const [submission] = this.submissions.splice(at, 1);
    if (at < 0 || submission === undefined) throw new Error(`batch ${sequence} is not submitted`);
    submission.settle(verdict);
  }

  recordDone(verdict: DoneResult): Promise<void> {
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

export function stored(sequence: number): DeskVerdict {
  return { kind: "stored", head: headAfter(sequence) };
}

/** Lets everything that only waits for promises happen. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
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
