import type { Act } from "../../lottery/act.ts";
import type { Batch, UnnumberedBatch } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../../lottery/draw-book.ts";
import type { DrawPlan } from "../../lottery/draw-plan.ts";
import type { Repetitions } from "../../lottery/repetitions.ts";
import type { Roster } from "../../lottery/roster.ts";
import type { Standing, Totals } from "../../lottery/standing.ts";
import { sumWinners, type WinnersSum } from "../../lottery/winners.ts";
import type {
  ActVerdict,
  BetStore,
  DoneVerdict,
  DrawOutcome,
  StoreCapabilities,
  StoredBatch,
  TellDraw,
  Verdict,
  Winners,
  WinnersSearch,
} from "../../store/bet-store.ts";
import { pauseIfAlive } from "../../clock.ts";
import { isShortage } from "../disk/disk.ts";
import { DrawnWaiters } from "./drawn-waiters.ts";
import type { GroupCommit } from "./group-commit.ts";
import { BEHIND, DISK_FULL, type Refused } from "./journal.ts";
import { Publisher, type PublisherParts } from "./publisher.ts";
import { StoreError } from "../../store/store-error.ts";

/** How long closing waits for a draw's files, unless its caller says otherwise. */
const PUBLISH_WITHIN_MS = 200;
const LOOKING = "look for the draw's files before the seal";
const SEARCHING = "search winners";

export interface BookStoreParts extends PublisherParts {
  readonly repetitions: Repetitions;
  readonly commit: GroupCommit;
  readonly onFailure: (error: Error) => void;
  readonly onSearch?: ((search: WinnersSearch) => void) | undefined;
  /** Lets another process open the directory. */
  readonly unlock: () => Promise<void>;
}

/**
 * A store whose book is in the memory of this process alone. It decides at once, in the order of the calls, and
 * reports a decision once it is on stable storage. No decision is taken back: the journal refuses a batch before
 * the book has it, or keeps it.
 */
export class BookStore implements BetStore {
  readonly capabilities: StoreCapabilities;
  readonly draw: string;
  readonly plan: DrawPlan;
  readonly roster: Roster;
  readonly #parts: BookStoreParts;
  /** Aborted by {@link close}: ends work that goes on without a caller. */
  readonly #stop = new AbortController();
  readonly #publisher: Publisher;
  #roomWaiters: (() => void)[] = [];
  readonly #drawnWaiters = new DrawnWaiters();
  /**
   * Resolves when the seal, or a cancellation, is on stable storage, whatever is written after it; resolved
   * already if an earlier process did that.
   */
  #sealing: Promise<void> = Promise.resolve();
  /** What the draw came to, once it is announced. */
  #lasting: DrawOutcome | undefined;
  /** The search for winners, in a draw whose number was told after the seal. */
  #search: Promise<void> | undefined;
  /** The end of a cancelled draw's journal. */
  #finishing: Promise<void> | undefined;
  #drawing: Promise<boolean> | undefined;
  /** The draw's log line is out and the margin is over: agencies may get results. */
  #announced: boolean;
  #closing: Promise<void> | undefined;
  /** Called when the journal is stuck, while closing waits for it. */
  #onStuck: () => void = () => undefined;

  constructor(parts: BookStoreParts) {
    this.#parts = parts;
    this.#publisher = new Publisher(parts);
    this.capabilities = parts.journal.capabilities;
    this.draw = parts.book.name;
    this.plan = parts.book.plan;
    this.roster = parts.book.roster;
    this.#announced = parts.book.told;
    parts.latch.subscribe((error) => {
      this.#drawnWaiters.reject(error);
      parts.onFailure(error);
    });
  }

  /**
   * Finishes what a crash interrupted: the seal after the last DONE or a close, the files after the draw. When
   * the draw's log line is not out yet, {@link performDraw} writes the files.
   */
  async resume(): Promise<void> {
    const { book, journal } = this.#parts;
    if (book.state === "cancelled") await journal.finish();
    if (book.state === "open") {
      if (!book.complete) return;
      this.#seal();
    }
    if (this.#announced) await this.#publisher.publishNow();
  }

  async state(): Promise<DrawState> {
    this.#assertUsable();
    const { state } = this.#parts.book;
    if (state === "open" || this.#announced) return state;
    await this.#sealing;
    return state === "cancelled" ? state : "sealed";
  }

  async standing(agency: AgencyId): Promise<Standing> {
    this.#assertUsable();
    const standing = this.#parts.book.standing(agency);
    // Wait: an agency would take a batch that is not on stable storage yet for confirmed.
    await this.#parts.commit.pending();
    return standing;
  }

  async standings(): Promise<ReadonlyMap<AgencyId, Standing>> {
    this.#assertUsable();
    const standings = this.#parts.book.standings();
    await this.#parts.commit.pending();
    return standings;
  }

  async totals(): Promise<Totals> {
    this.#assertUsable();
    const { totals } = this.#parts.book;
    await this.#parts.commit.pending();
    return totals;
  }

  submit(batch: Batch | UnnumberedBatch, settle: (verdict: Verdict) => void): void {
    if (this.#parts.latch.error !== undefined) return;
    const verdict = this.#accept(batch);
    this.#parts.commit.settleBatch(() => settle(verdict));
  }

  #accept(offered: Batch | UnnumberedBatch): Verdict {
    if (this.#closing !== undefined) return { kind: "busy", ...BEHIND };
    const { book, journal, repetitions } = this.#parts;
    const batch = "sequence" in offered ? offered : repetitions.number(offered);
    const entry = book.weigh(batch);
    if (entry.kind !== "new") return entry;
    const winners = sumWinners(batch.lines, book.winningNumber);
    const refused = journal.appendBatch(batch, entry.head, winners);
    if (refused !== undefined) return { kind: "busy", ...refused };
    book.enterSummary(batch.agency, batch.sequence, batch.count, entry.head, winners);
    return { kind: "stored", head: entry.head };
  }

  get congested(): boolean {
    return this.#parts.journal.congested;
  }

  whenRoom(callback: () => void): void {
    if (this.congested) this.#roomWaiters.push(callback);
    else callback();
  }

  /** For the journal and the group commit to call when there may be room again. */
  onRoom(): void {
    if (this.#parts.journal.stuck) this.#onStuck();
    if (this.#roomWaiters.length === 0 || (this.congested && this.#closing === undefined)) return;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const waiter of waiters) waiter();
  }

  async done(agency: AgencyId, claim?: DoneClaim): Promise<DoneVerdict> {
    this.#assertUsable();
    const { book, journal, commit } = this.#parts;
    if (book.missingCount === 1 && !(await this.#hasFiles())) {
      return { kind: "busy", ...DISK_FULL };
    }
    const entry = book.weighDone(agency, claim);
    switch (entry.kind) {
      case "mismatch":
        await commit.pending();
        return entry;
      case "late":
        await commit.pending();
        return entry;
      case "done": {
        const refused = journal.appendDone(agency, book);
        if (refused !== undefined) return { kind: "busy", ...refused };
        book.enterDone(agency);
        // Normally one group holds the last DONE and the seal; otherwise `resume` seals after a crash.
        if (book.complete) this.#seal();
        break;
      }
      case "already":
        break;
    }
    await commit.pending();
    if (book.complete) await this.#sealing;
    return { kind: "done" };
  }

  /**
   * Looks whether the files with the bets are still there: a seal must not cover bets that are gone.
   *
   * @returns false when the system is short of something, so that they cannot be looked at @throws StoreError
   */
  async #hasFiles(): Promise<boolean> {
    const { journal, latch, delays } = this.#parts;
    try {
      await journal.expectFiles();
      delays.over(LOOKING);
    } catch (error) {
      if (isShortage(error)) {
        delays.waits(LOOKING, error);
        return false;
      }
      latch.raise("Cannot seal the draw", error);
      throw latch.error ?? error;
    }
    this.#assertUsable();
    return true;
  }

  async act(act: Act): Promise<ActVerdict> {
    this.#assertUsable();
    // The seal of the first version does not commit to acts.
    if (!this.capabilities.remembersActs || this.plan.sealVersion === 1) {
      return { kind: "refused", why: "unsupported" };
    }
    const { book, journal, commit } = this.#parts;
    const entry = book.weighAct(act);
    if (entry.kind === "new") {
      const refused = journal.appendAct(entry.sequence, act, entry.head, book);
      if (refused !== undefined) return { kind: "busy", ...refused };
      book.enterAct(act, entry.head);
      if (book.state === "open" && book.complete) this.#sealWhenSafe();
      if (book.state === "cancelled") {
        this.#sealing = commit.pending();
        this.#sealing.catch(() => undefined);
      }
    }
    await commit.pending();
    if (entry.kind === "refused") return entry;
    if (book.state === "cancelled") this.#cancelled();
    else if (book.complete) await this.#sealing;
    return { kind: entry.kind === "new" ? "done" : "already" };
  }

  async acts(): Promise<readonly Act[]> {
    this.#assertUsable();
    const acts = [...this.#parts.book.acts];
    await this.#parts.commit.pending();
    return acts;
  }

  async performDraw(
    tell: TellDraw,
    margin: () => Promise<void> = () => Promise.resolve(),
  ): Promise<{ readonly performed: boolean }> {
    this.#assertUsable();
    if (this.#drawing !== undefined) {
      await this.#drawing;
      return { performed: false };
    }
    const { drawable, state } = this.#parts.book;
    if (!(drawable || state === "drawn") || this.#announced) return { performed: false };
    this.#drawing = this.#performDraw(tell, margin);
    try {
      const performed = await this.#drawing;
      return { performed };
    } finally {
      this.#drawing = undefined;
    }
  }

  async whenDrawn(signal?: AbortSignal): Promise<DrawOutcome> {
    this.#assertUsable();
    if (this.#parts.book.state === "cancelled") {
      // Not before it is on stable storage: after a crash the draw would be open.
      await this.#parts.commit.pending();
      throw drawCancelled(this.draw);
    }
    if (!this.#announced) return this.#drawnWaiters.wait(signal);
    // Nothing in it changes any more, and all agencies may ask: each time it would be made of all of them.
    return (this.#lasting ??= this.#outcome());
  }

  async winners(agency: AgencyId): Promise<Winners> {
    this.#assertUsable();
    if (!this.#announced) {
      throw new RangeError("Cannot tell winners of a draw that is not announced yet");
    }
    await this.#winnersFound();
    this.#assertUsable();
    const { count, documentBytes } = this.#parts.book.winners(agency);
    const blocks = (): AsyncIterable<Uint8Array> =>
      this.#readWinners(agency, { count, documentBytes });
    return { count, documentBytes, blocks };
  }

  /** Yields no more winners than were counted, and throws when there are fewer. */
  async *#readWinners(agency: AgencyId, sum: WinnersSum): AsyncGenerator<Uint8Array, void> {
    const { journal, latch } = this.#parts;
    let { count, documentBytes } = sum;
    if (count === 0) return;
    this.#assertUsable();
    try {
      for await (const block of journal.winners(agency, this.#knownNumber())) {
        this.#assertUsable();
        count -= block.count;
        documentBytes -= block.documentBytes;
        if (count < 0 || documentBytes < 0 || (count === 0) !== (documentBytes === 0)) break;
        yield block.lines;
        if (count === 0) return;
        this.#assertUsable();
      }
    } catch (error) {
      // A close in the middle of a read is not a failure of storage.
      this.#assertUsable();
      latch.raise("Cannot read winners", error);
      throw latch.error ?? error;
    }
    const error = otherWinners(agency, sum.count);
    latch.raise("Cannot read winners", error);
    throw error;
  }

  async *scan(): AsyncIterable<StoredBatch> {
    this.#assertUsable();
    await this.#parts.commit.pending();
    yield* this.#parts.journal.scan();
  }

  close(publishWithinMs: number = PUBLISH_WITHIN_MS): Promise<void> {
    this.#closing ??= this.#close(publishWithinMs);
    return this.#closing;
  }

  async #close(publishWithinMs: number): Promise<void> {
    const { journal, latch, unlock } = this.#parts;
    const closed = new StoreError("STORE_CLOSED", "Cannot go on: the store is closed");
    this.#stop.abort(closed);
    this.#publisher.endWithin(publishWithinMs, closed);
    // When storage has failed the owner knows it: only release what is held.
    if (latch.error === undefined) await this.#drain(closed);
    // A draw that is being performed goes on to its record: otherwise its log line would be written again.
    await this.#drawing?.catch(() => undefined);
    await this.#publisher.ended();
    await this.#finishing;
    this.#drawnWaiters.reject(closed);
    try {
      await journal.close();
    } finally {
      await unlock();
    }
    this.onRoom();
  }

  /** Resolves when all appended bytes are on stable storage, or given up because the disk is full. */
  async #drain(closed: StoreError): Promise<void> {
    const { journal, commit } = this.#parts;
    const drained = commit.drain().catch(() => undefined);
    const stuck = new Promise<void>((resolve) => {
      this.#onStuck = resolve;
    });
    if (!journal.stuck) await Promise.race([drained, stuck]);
    if (journal.stuck) commit.giveUp(closed);
  }

  /** Seals the draw after an act, as soon as it can be seen that the files with the bets are there. */
  #sealWhenSafe(): void {
    this.#sealing = (async () => {
      while (!(await this.#hasFiles())) {
        await this.#pause(DISK_FULL.retryAfterMs);
        this.#assertUsable();
      }
      this.#seal();
      await this.#sealing;
    })();
    this.#sealing.catch(() => undefined);
  }

  /**
   * The draw is cancelled, on stable storage: nobody waits for it any more. Its spare files go in the background:
   * until the act is answered, the central counts the draw among the open ones.
   */
  #cancelled(): void {
    this.#drawnWaiters.reject(drawCancelled(this.draw));
    // A lost lock is a failure that the journal reports itself.
    this.#finishing ??= this.#parts.journal.finish().catch(() => undefined);
  }

  #seal(): void {
    const seal = this.#parts.book.enterSeal();
    this.#sealing = this.#append(() => this.#parts.journal.appendSeal(seal)).then(() =>
      this.#parts.commit.pending(),
    );
    // Waiters must not see this rejection: the store reports it.
    this.#sealing.catch(() => undefined);
  }

  /** Appends now if there is room, otherwise as soon as there is. */
  async #append(attempt: () => Refused | undefined): Promise<void> {
    for (let refused = attempt(); refused !== undefined; refused = attempt()) {
      await this.#pause(refused.retryAfterMs);
      this.#assertUsable();
    }
  }

  /** Waits to try again: keeps no process alive for that, and ends at once when the store closes. */
  #pause(delayMs: number): Promise<void> {
    return pauseIfAlive(this.#parts.clock, delayMs, this.#stop.signal).catch(() => undefined);
  }

  async #performDraw(tell: TellDraw, margin: () => Promise<void>): Promise<boolean> {
    const { book, journal, commit, latch } = this.#parts;
    await this.#sealing;
    this.#assertUsable();
    const seal = this.#knownSeal();
    const recovered = book.state === "drawn";
    await this.#winnersFound();
    if (!recovered) {
      await this.#append(() => journal.appendDraw(seal, this.#knownNumber()));
      await commit.pending();
      book.enterDraw();
    }
    const news = { outcome: this.#outcome(), winners: this.#countWinners(), recovered };
    if (await tell(news)) await this.#recordTold(seal);
    await margin();
    if (latch.error !== undefined) throw latch.error;
    this.#announced = true;
    this.#lasting = news.outcome;
    this.#drawnWaiters.resolve(news.outcome);
    // Only after all records are written: publishing reads them all.
    if (recovered) await this.#publisher.publishNow();
    else this.#publisher.start();
    return !recovered;
  }

  async #recordTold(seal: Uint8Array): Promise<void> {
    const { book, journal, commit, latch } = this.#parts;
    let refused: Refused | undefined;
    while ((refused = journal.appendTold(seal)) !== undefined) {
      // Only a draw of an earlier version, or one that was published without this record, has no room left
      // for it. The next start writes the log line once more.
      if (refused === DISK_FULL) return;
      await this.#pause(refused.retryAfterMs);
      // Go on although the store is closing: the close waits for this.
      if (latch.error !== undefined) throw latch.error;
    }
    await commit.pending();
    book.enterTold();
  }

  #countWinners(): number {
    const { book } = this.#parts;
    return book.sealedAgencies().reduce((sum, { agency }) => sum + book.winners(agency).count, 0);
  }

  /** Finds the winners of a number that was told after the seal, once. */
  #winnersFound(): Promise<void> {
    if (this.plan.winningNumber !== undefined) return Promise.resolve();
    this.#search ??= this.#searchWinners();
    return this.#search;
  }

  async #searchWinners(): Promise<void> {
    const { latch, delays } = this.#parts;
    for (;;) {
      try {
        await this.#searchOnce();
        delays.over(SEARCHING);
        return;
      } catch (error) {
        this.#assertUsable();
        if (!isShortage(error)) {
          latch.raise("Cannot search winners", error);
          throw latch.error ?? error;
        }
        delays.waits(SEARCHING, error);
        await this.#pause(DISK_FULL.retryAfterMs);
      }
    }
  }

  async #searchOnce(): Promise<void> {
    const { book, journal, onSearch } = this.#parts;
    const of = book.sealedAgencies().reduce((sum, { bets }) => sum + bets, 0);
    const progress = (bets: number): void => {
      if (bets < of) onSearch?.({ bets, of });
    };
    const { signal } = this.#stop;
    const found = await journal.searchWinners(this.#knownNumber(), progress, signal);
    for (const [agency, sum] of found) book.enterWinners(agency, sum);
    onSearch?.({ bets: of, of });
  }

  #outcome(): DrawOutcome {
    return {
      ...this.#parts.book.sealed(),
      winningNumber: this.#knownNumber(),
      seal: this.#knownSeal(),
    };
  }

  #knownNumber(): number {
    const { winningNumber, state } = this.#parts.book;
    if (winningNumber !== undefined) return winningNumber;
    throw new RangeError(`Cannot give the number of a draw that is ${state}: nobody knows it`);
  }

  #knownSeal(): Buffer {
    const { seal, state } = this.#parts.book;
    if (seal === undefined) throw new RangeError(`Cannot give the seal of a draw that is ${state}`);
    return seal;
  }

  #assertUsable(): void {
    if (this.#parts.latch.error !== undefined) throw this.#parts.latch.error;
    if (this.#closing !== undefined) {
      throw new StoreError("STORE_CLOSED", "Cannot use the store: it is closed");
    }
  }
}

function drawCancelled(draw: string): StoreError {
  return new StoreError("DRAW_CANCELLED", `Cannot wait for draw ${draw}: it is cancelled`);
}

function otherWinners(agency: AgencyId, count: number): StoreError {
  return new StoreError(
    "LEDGER_CORRUPT",
    `Cannot tell the winners of agency ${agency}: ${count} were counted, and others are stored; restore the files from a copy`,
  );
}
