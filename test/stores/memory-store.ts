import type { Batch } from "../../src/lottery/batch.ts";
import { DrawBook } from "../../src/lottery/draw-book.ts";
import { type ReplayMode, Repetitions } from "../../src/lottery/repetitions.ts";
import type { DrawPlan } from "../../src/lottery/draw-plan.ts";
import type { ExpectedAgencies } from "../../src/lottery/roster.ts";
import type {
  ActVerdict,
  BetStore,
  DoneVerdict,
  DrawOutcome,
  StoredBatch,
  Verdict,
} from "../../src/store/bet-store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { winnersAmong } from "../support/documents.ts";
import { enterBatch } from "../support/enter-batch.ts";

export interface MemoryStoreOptions {
  readonly agencies?: ExpectedAgencies;
  /** `told`: an operator tells it after the seal [7574]. */
  readonly winningNumber?: number | "told";
  /** What else is settled about the draw before it opens. */
  readonly plan?: Partial<DrawPlan>;
  /** Congested while more bytes than this are pending. */
  readonly roomBytes?: number;
  readonly onFailure?: (error: Error) => void;
  /** Whether repeated batches without numbers are recognised [detect]. */
  readonly replay?: ReplayMode;
  /** The pause that it asks for when it is full [50]. */
  readonly retryAfterMs?: number;
}

/** A store in memory that is slow, and can be told to wait, to be full, and to fail. */
export interface MemoryStore extends BetStore {
  readonly book: DrawBook;
  /** What is "on disk", in order. */
  readonly batches: readonly StoredBatch[];
  /** Bytes submitted and not settled: now, and at most so far. */
  readonly pendingBytes: number;
  readonly pendingBytesMost: number;
  /** How often the draw was performed. */
  readonly draws: number;
  /** For each time that the draw was logged, whether the line was out. */
  readonly told: readonly boolean[];
  readonly closed: boolean;
  /** How long the close had to wait for a draw's files. */
  readonly publishWithinMs: number | undefined;
  /** Settles nothing until {@link release}; resolves nothing either. */
  hold(): void;
  release(): void;
  /** Answers the next submissions with `busy`. */
  refuseNext(batches: number): void;
  /** Makes the store fail: pending batches are never confirmed. */
  fail(): void;
  /** Makes `close` hang, or reject. */
  spoilClose(how: "hang" | "reject"): void;
}

/** Rejected results of a store that has failed. */
const failed = (): StoreError => new StoreError("STORE_FAILED", "Cannot write: the disk is gone");

export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { agencies = 5, winningNumber = 7574, roomBytes = Number.POSITIVE_INFINITY } = options;
  const { replay = "detect", retryAfterMs = 50 } = options;
  const number = winningNumber === "told" ? undefined : winningNumber;
  const book = new DrawBook({ name: "1", winningNumber: number, agencies, ...options.plan });
  const repetitions = new Repetitions(book, replay);
  const batches: StoredBatch[] = [];
  /** Steps that wait for the "disk"; each makes something durable and reports it. */
  let queue: { readonly bytes: number; readonly commit: () => void }[] = [];
  let rejectPending: ((error: StoreError) => void)[] = [];
  let roomCallbacks: (() => void)[] = [];
  let drawnCallbacks: (() => void)[] = [];
  const drawnRejects: ((error: StoreError) => void)[] = [];
  let held = false;
  let broken = false;
  let scheduled = false;
  let busy = 0;
  let spoiled: "hang" | "reject" | undefined;
  const counts = { pendingBytes: 0, pendingBytesMost: 0, draws: 0, closed: false };
  const told: boolean[] = [];
  let announced = false;
  let publishWithinMs: number | undefined;

  function schedule(): void {
    if (scheduled || held || broken || queue.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (!held && !broken) flush();
    });
  }

  function flush(): void {
    const group = queue;
    queue = [];
    for (const { bytes, commit } of group) {
      counts.pendingBytes -= bytes;
      commit();
    }
    if (counts.pendingBytes > roomBytes) return;
    const callbacks = roomCallbacks;
    roomCallbacks = [];
    for (const callback of callbacks) callback();
  }

  function enqueue(bytes: number, commit: () => void): void {
    queue.push({ bytes, commit });
    counts.pendingBytes += bytes;
    counts.pendingBytesMost = Math.max(counts.pendingBytesMost, counts.pendingBytes);
    schedule();
  }

  /** Runs `decide` when its turn on the "disk" comes. */
  function onDisk<T>(decide: () => T): Promise<T> {
    if (broken) return Promise.reject(failed());
    return new Promise((resolve, reject) => {
      rejectPending.push(reject);
      enqueue(0, () => {
        try {
          resolve(decide());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  function verdictOf(batch: Batch): Verdict {
    if (busy > 0) {
      busy--;
      return { kind: "busy", retryAfterMs };
    }
    const entry = book.weigh(batch);
    if (entry.kind !== "new") return entry;
    enterBatch(book, batch, entry.head);
    batches.push({ ...batch, head: entry.head });
    return { kind: "stored", head: entry.head };
  }

  function outcome(): DrawOutcome {
    const { seal, winningNumber } = book;
    if (seal === undefined || winningNumber === undefined) {
      throw new RangeError("Cannot tell the outcome: no seal, or no number");
    }
    return { ...book.sealed(), winningNumber, seal };
  }

  return {
    capabilities: { remembersBatches: true, remembersDraw: true, remembersActs: true },
    draw: book.name,
    plan: book.plan,
    roster: book.roster,
    book,
    batches,
    get pendingBytes() {
      return counts.pendingBytes;
    },
    get pendingBytesMost() {
      return counts.pendingBytesMost;
    },
    get draws() {
      return counts.draws;
    },
    get closed() {
      return counts.closed;
    },
    told,
    get publishWithinMs() {
      return publishWithinMs;
    },
    get congested() {
      return counts.pendingBytes > roomBytes;
    },
    whenRoom: (callback) => void roomCallbacks.push(callback),
    state: () => Promise.resolve(book.state === "drawn" && !announced ? "sealed" : book.state),
    standing: (agency) => Promise.resolve(book.standing(agency)),
    standings: () => Promise.resolve(book.standings()),
    totals: () => Promise.resolve(book.totals),
    submit(offered, settle) {
      const batch = { ...offered, lines: Uint8Array.from(offered.lines) };
      enqueue(batch.lines.length, () =>
        settle(verdictOf("sequence" in batch ? batch : repetitions.number(batch))),
      );
    },
    done: (agency, claim) =>
      onDisk((): DoneVerdict => {
        const entry = book.weighDone(agency, claim);
        if (entry.kind === "mismatch" || entry.kind === "late") return entry;
        if (entry.kind === "done") book.enterDone(agency);
        if (book.state === "open" && book.complete) book.enterSeal();
        return { kind: "done" };
      }),
    act: (act) => {
      // Decided in the turn of the call, as a batch is when its turn on the "disk" comes: none may be before it.
      flush();
      if (busy > 0) {
        busy--;
        return Promise.resolve({ kind: "busy", retryAfterMs });
      }
      const entry = book.weighAct(act);
      if (entry.kind === "new") book.enterAct(act, entry.head);
      if (book.state === "open" && book.complete) book.enterSeal();
      return onDisk((): ActVerdict => {
        if (entry.kind === "refused") return entry;
        if (book.state === "cancelled") {
          const error = new StoreError("DRAW_CANCELLED", "Cannot wait: it is cancelled");
          for (const reject of drawnRejects.splice(0)) reject(error);
        }
        return { kind: entry.kind === "new" ? "done" : "already" };
      });
    },
    acts: () => Promise.resolve(book.acts),
    performDraw: async (tell, margin = () => Promise.resolve()) => {
      const performed = await onDisk(() => {
        if (!book.drawable) return false;
        for (const { agency } of book.plan.winningNumber === undefined
          ? book.sealedAgencies()
          : []) {
          book.enterWinners(agency, winnersAmong(batches, agency, book.winningNumber ?? 0));
        }
        book.enterDraw();
        counts.draws++;
        return true;
      });
      if (!performed) return { performed };
      const of = book.sealedAgencies();
      const winners = of.reduce((sum, { agency }) => sum + book.winners(agency).count, 0);
      told.push(await tell({ outcome: outcome(), winners, recovered: false }));
      await margin();
      announced = true;
      for (const callback of drawnCallbacks) callback();
      drawnCallbacks = [];
      return { performed };
    },
    whenDrawn: (signal) => {
      if (announced) return Promise.resolve(outcome());
      return new Promise((resolve, reject) => {
        rejectPending.push(reject);
        drawnRejects.push(reject);
        signal?.addEventListener("abort", () => reject(signal.reason));
        drawnCallbacks.push(() => resolve(outcome()));
      });
    },
    winners: async (agency) => {
      book.winners(agency);
      return winnersAmong(batches, agency, book.winningNumber ?? 0);
    },
    async *scan() {
      yield* batches;
    },
    close(within) {
      publishWithinMs ??= within;
      counts.closed = true;
      if (spoiled === "hang") return new Promise(() => undefined);
      if (spoiled === "reject") return Promise.reject(failed());
      if (!broken) flush();
      for (const reject of rejectPending) reject(new StoreError("STORE_CLOSED", "Cannot: closed"));
      return Promise.resolve();
    },
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      schedule();
    },
    refuseNext: (count) => {
      busy = count;
    },
    fail: () => {
      broken = true;
      const error = failed();
      for (const reject of rejectPending) reject(error);
      rejectPending = [];
      options.onFailure?.(error);
    },
    spoilClose: (how) => {
      spoiled = how;
    },
  };
}
