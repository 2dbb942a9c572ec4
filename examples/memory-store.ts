/**
 * Your own store, given to a central as an object: it keeps a draw in memory.
 *
 * It is for tests and for learning. It keeps every promise of a store except the first: a real store says
 * `stored` only once the batch is on stable storage. docs/guides/first-store.md shows a store with a file.
 *
 * Run it with `node dist/examples/memory-store.js`: a central on this store, and one agency.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgencyId,
  agencyId,
  type Batch,
  type Bet,
  type DoneClaim,
  type DrawState,
  loadAgencyConfig,
  loadCentralConfig,
  runAgency,
  silentLogger,
  type Standing,
  type Totals,
  startCentral,
  type UnnumberedBatch,
  writeAgencyFile,
} from "quiniela";
import { AGENCY_DIALERS, DIALECTS } from "quiniela/protocols";
import {
  type Roster,
  type DrawPlan,
  type ActVerdict,
  type Act,
  type BetStore,
  type DoneVerdict,
  DrawBook,
  type DrawOutcome,
  Repetitions,
  type StoreCapabilities,
  type StoredBatch,
  StoreError,
  sumWinners,
  type TellDraw,
  type Verdict,
  type Winners,
  winningLines,
} from "quiniela/stores";

interface Waiter {
  readonly resolve: (outcome: DrawOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

class MemoryStore implements BetStore {
  /** Says that a restart forgets everything. */
  readonly capabilities: StoreCapabilities = {
    remembersBatches: false,
    remembersDraw: false,
    remembersActs: false,
  };
  readonly draw: string;
  readonly plan: DrawPlan;
  readonly roster: Roster;
  /** Memory always has room. */
  readonly congested = false;
  /** Decides what a batch is: new, repeated, too late … */
  readonly #book: DrawBook;
  /** Finds the number of a batch in a dialect without numbers. */
  readonly #repetitions: Repetitions;
  readonly #batches: StoredBatch[] = [];
  readonly #waiters = new Set<Waiter>();
  /** The draw's log line is written and the margin is over: agencies may get results. */
  #announced = false;
  #drawing: Promise<void> | undefined;
  #closed = false;

  constructor(plan: DrawPlan) {
    this.draw = plan.name;
    this.plan = plan;
    this.#book = new DrawBook(plan);
    this.roster = this.#book.roster;
    this.#repetitions = new Repetitions(this.#book, "detect");
  }

  async state(): Promise<DrawState> {
    this.#assertOpen();
    // A draw that is not announced yet is still sealed for everybody else.
    return this.#book.state === "drawn" && !this.#announced ? "sealed" : this.#book.state;
  }

  async standing(agency: AgencyId): Promise<Standing> {
    this.#assertOpen();
    return this.#book.standing(agency);
  }

  async standings(): Promise<ReadonlyMap<AgencyId, Standing>> {
    this.#assertOpen();
    return this.#book.standings();
  }

  async totals(): Promise<Totals> {
    this.#assertOpen();
    return this.#book.totals;
  }

  submit(offered: Batch | UnnumberedBatch, settle: (verdict: Verdict) => void): void {
    if (this.#closed) settle({ kind: "busy", retryAfterMs: 1000 });
    else settle(this.#accept("sequence" in offered ? offered : this.#repetitions.number(offered)));
  }

  #accept(batch: Batch): Verdict {
    const entry = this.#book.weigh(batch);
    if (entry.kind !== "new") return entry;
    const { head } = entry;
    const { agency, sequence, count, lines } = batch;
    this.#book.enterSummary(
      agency,
      sequence,
      count,
      head,
      sumWinners(lines, this.plan.winningNumber),
    );
    // Copy the lines: the caller uses their memory again after this call.
    this.#batches.push({ ...batch, lines: Uint8Array.from(batch.lines), head });
    return { kind: "stored", head };
  }

  whenRoom(callback: () => void): void {
    callback();
  }

  async act(): Promise<ActVerdict> {
    // It keeps no acts of operators: `remembersActs` says so.
    return { kind: "refused", why: "unsupported" };
  }

  async acts(): Promise<readonly Act[]> {
    return [];
  }

  async done(agency: AgencyId, claim?: DoneClaim): Promise<DoneVerdict> {
    this.#assertOpen();
    const entry = this.#book.weighDone(agency, claim);
    if (entry.kind === "mismatch") return entry;
    if (entry.kind === "late") throw new RangeError(`Cannot record agency ${agency} as done`);
    // An agency may say it again.
    if (entry.kind === "done") this.#book.enterDone(agency);
    if (this.#book.state === "open" && this.#book.complete) this.#book.enterSeal();
    return { kind: "done" };
  }

  async performDraw(tell: TellDraw, margin = async (): Promise<void> => undefined) {
    this.#assertOpen();
    if (this.#drawing !== undefined) {
      await this.#drawing;
      return { performed: false };
    }
    if (this.#book.state === "open" || this.#announced) return { performed: false };
    // The draw was performed, but writing its log line has failed: write it again.
    const recovered = this.#book.state === "drawn";
    this.#drawing = this.#holdDraw(tell, margin, recovered);
    try {
      await this.#drawing;
    } finally {
      this.#drawing = undefined;
    }
    return { performed: !recovered };
  }

  async #holdDraw(tell: TellDraw, margin: () => Promise<void>, recovered: boolean): Promise<void> {
    if (!recovered) this.#book.enterDraw();
    const outcome = this.#outcome();
    const winners = outcome.agencies.reduce(
      (sum, { agency }) => sum + this.#book.winners(agency).count,
      0,
    );
    await tell({ outcome, winners, recovered });
    await margin();
    this.#announced = true;
    for (const { resolve } of this.#waiters) resolve(outcome);
  }

  async whenDrawn(signal?: AbortSignal): Promise<DrawOutcome> {
    this.#assertOpen();
    signal?.throwIfAborted();
    if (this.#announced) return this.#outcome();
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", aborted);
      };
      const aborted = (): void => waiter.reject(signal?.reason);
      const waiter: Waiter = {
        resolve: (outcome) => {
          forget();
          resolve(outcome);
        },
        reject: (reason) => {
          forget();
          reject(reason);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  async winners(agency: AgencyId): Promise<Winners> {
    this.#assertOpen();
    if (!this.#announced) throw new RangeError("Cannot tell winners before the draw");
    const stored = this.#batches.filter((batch) => batch.agency === agency);
    const blocks = (): AsyncIterable<Uint8Array> => this.#winningBlocks(stored);
    return { ...this.#book.winners(agency), blocks };
  }

  /** Yields the winners of one batch at a time; throws when the store is closed meanwhile. */
  async *#winningBlocks(stored: readonly StoredBatch[]): AsyncGenerator<Uint8Array, void> {
    for (const batch of stored) {
      this.#assertOpen();
      const { count, lines } = winningLines(batch.lines, this.#outcome().winningNumber);
      if (count > 0) yield lines;
    }
  }

  async *scan(): AsyncGenerator<StoredBatch, void> {
    this.#assertOpen();
    for (const batch of this.#batches) yield { ...batch, lines: Uint8Array.from(batch.lines) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiters) reject(closedError());
  }

  #outcome(): DrawOutcome {
    const { seal, winningNumber } = this.#book;
    if (seal === undefined || winningNumber === undefined) {
      throw new RangeError("Cannot give the outcome before the seal");
    }
    return { ...this.#book.sealed(), winningNumber, seal };
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }
}

function closedError(): StoreError {
  return new StoreError("STORE_CLOSED", "Cannot use the store: it is closed");
}

const NO_FILE = new Uint8Array();
const dir = await mkdtemp(join(tmpdir(), "quiniela-memory-"));
const store = new MemoryStore({ name: "spring", winningNumber: 7574, agencies: 1 });
const central = await startCentral({
  // The store object says which draw it keeps and how many agencies it has: no setting does.
  config: loadCentralConfig({
    fileBytes: NO_FILE,
    env: { SERVER_PORT: "0", SERVER_BIND_ADDRESS: "127.0.0.1" },
    dialects: DIALECTS.map(({ name }) => name),
  }),
  store,
  dialects: DIALECTS,
});
try {
  const dataFile = join(dir, "agency-1.csv");
  await writeAgencyFile(dataFile, madeUpBets());
  const outcome = await runAgency({
    config: loadAgencyConfig({
      fileBytes: NO_FILE,
      env: {},
      flags: {
        id: "1",
        "server.address": `127.0.0.1:${central.address.port}`,
        "data.file": dataFile,
        "batch.maxAmount": "2",
      },
      dialects: [...AGENCY_DIALERS.keys()],
    }),
    dialer: AGENCY_DIALERS.get("native"),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  for await (const { agency, sequence, count } of store.scan()) {
    console.log(`batch ${sequence} of agency ${agency}: ${count} bets`);
  }
  console.log(`draw ${store.draw} is ${await store.state()}`);
  console.log(`agency 1: ${outcome.kind}, winners: ${outcome.winners?.join(", ")}`);
} finally {
  await central.stop("the example is over");
  await rm(dir, { recursive: true });
}

/** Three bets of agency 1: the last one wins. */
function* madeUpBets(): Generator<Bet, void> {
  const agency = agencyId(1);
  if (agency === undefined) throw new RangeError("Cannot make bets: no agency has that number");
  const person = { agency, lastName: "Luna", birthdate: "1985-02-17" };
  yield { ...person, firstName: "Ana", document: "30100200", number: 12 };
  yield { ...person, firstName: "Eva", document: "33700800", number: 345 };
  yield { ...person, firstName: "Juan", document: "28400500", number: 7574 };
}
