import type { BatchSketch, Source } from "../events/central-event.ts";
import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId, Bet } from "../lottery/bet.ts";
import { parseLines } from "../lottery/canonical-line.ts";
import type { DoneClaim } from "../lottery/draw-book.ts";
import type { SealShare } from "../lottery/seal-proofs.ts";
import type { Standing } from "../lottery/standing.ts";
import type {
  AgencyResults,
  BatchVerdict,
  Counter,
  DrawView,
  NumberedOffer,
  UnnumberedOffer,
  UnnumberedVerdict,
} from "../protocols/counter.ts";
import type { DoneVerdict, DrawOutcome } from "../store/bet-store.ts";
import type { RegisterAdmitter } from "./admitter.ts";
import type { DrawDesk } from "./draw-desk.ts";
import type { Sender } from "./sender.ts";

/** Verdicts after which the same batch must not be sent again. A gap may be: a batch before it was refused. */
const REFUSED: ReadonlySet<BatchVerdict["kind"]> = new Set(["invalid", "conflict", "late"]);

/** One connection, served as one agency of one draw. */
export class AgencyCounter implements Counter {
  readonly kind = "counter";
  readonly agency: AgencyId;
  readonly #desk: DrawDesk;
  readonly #sender: Sender;
  readonly #connection: Pick<RegisterAdmitter, "closed" | "untilClosed">;
  #holds = false;

  constructor(
    desk: DrawDesk,
    agency: AgencyId,
    sender: Sender,
    connection: Pick<RegisterAdmitter, "closed" | "untilClosed">,
  ) {
    this.agency = agency;
    this.#desk = desk;
    this.#sender = sender;
    this.#connection = connection;
  }

  draw(): Promise<DrawView> {
    return this.#desk.view();
  }

  standing(): Promise<Standing> {
    return this.#desk.store.standing(this.agency);
  }

  hold(onFenced: () => void): void {
    if (this.#holds || this.#connection.closed) return;
    this.#holds = true;
    const hold = this.#desk.fence.hold(this.agency, this.#sender, onFenced);
    this.#connection.untilClosed(() => hold.release());
  }

  submit(offer: NumberedOffer, settle: (verdict: BatchVerdict) => void): void {
    const { sequence, count, lines, single } = offer;
    this.#offer({ agency: this.agency, sequence, count, lines }, single === true, (verdict) => {
      if (!this.#connection.closed) settle(verdict);
    });
  }

  submitUnnumbered(offer: UnnumberedOffer, settle: (verdict: UnnumberedVerdict) => void): void {
    const { count, lines, place, single } = offer;
    const batch: UnnumberedBatch = { agency: this.agency, count, lines, place };
    this.#desk.latest.set(this.agency, batch);
    this.#offerUnnumbered(batch, single === true, settle);
  }

  done(claim?: DoneClaim): Promise<DoneVerdict> {
    const desk = this.#desk;
    return desk.decide(async () => {
      const verdict = await desk.store.done(this.agency, claim);
      this.#reportDone(verdict);
      if (verdict.kind === "done") {
        await this.#reportEmpty();
        await desk.drawIfSealed();
      }
      return verdict;
    });
  }

  async results(signal: AbortSignal): Promise<AgencyResults> {
    const leave = this.#sender.awaitsDraw(this.agency);
    try {
      return await this.#resultsOf(await this.#desk.store.whenDrawn(signal));
    } finally {
      leave();
    }
  }

  async resultsNow(): Promise<AgencyResults | undefined> {
    const { store } = this.#desk;
    if ((await store.state()) !== "drawn") return undefined;
    return this.#resultsOf(await store.whenDrawn());
  }

  async sealShare(): Promise<SealShare | undefined> {
    return (await this.#desk.sealProofs())?.of(this.agency);
  }

  /** The batch is ours, and outlives its bytes: they are the dialect's again when this returns. */
  #offer(
    batch: Batch | UnnumberedBatch,
    single: boolean,
    settle: (verdict: BatchVerdict) => void,
  ): void {
    const desk = this.#desk;
    const flaw = desk.flawIn(batch);
    if (flaw !== undefined) {
      const verdict = { kind: "invalid", flaw } as const;
      this.#note(batch, verdict, undefined);
      settle(verdict);
      return;
    }
    const heldBackMs = desk.heldBack() ?? this.#sender.heldBack();
    if (heldBackMs !== undefined) {
      const verdict = { kind: "busy", retryAfterMs: heldBackMs } as const;
      this.#note(batch, verdict, undefined);
      settle(verdict);
      return;
    }
    const bet =
      single && desk.events.hears("batch-stored") ? parseLines(batch.lines)[0] : undefined;
    desk.begin();
    try {
      desk.store.submit(batch, (verdict) => {
        if (desk.halted) return;
        this.#note(batch, verdict, bet);
        settle(verdict);
        desk.end();
      });
    } catch (error) {
      desk.onFault(error);
      throw error;
    }
  }

  /**
   * Where there is no room a batch waits, since its dialect has no word for that, and is offered again and
   * again. A sender that has given up waiting, and begins again on another connection, cannot be seen to
   * have gone while nothing is read from the first one. So what waits for room makes way for a later batch
   * of its agency: stored in the middle of that repetition, it would be stored twice.
   */
  #offerUnnumbered(
    batch: UnnumberedBatch,
    single: boolean,
    settle: (verdict: UnnumberedVerdict) => void,
  ): void {
    const { latest, clock, onFault } = this.#desk;
    const forget = (): void => {
      if (latest.get(this.agency) === batch) latest.delete(this.agency);
    };
    this.#offer(batch, single, (verdict) => {
      // Nobody waits for it any more: it must not stay behind as the latest, with its bytes.
      if (this.#connection.closed) return forget();
      switch (verdict.kind) {
        case "busy": {
          const cancel = clock.after(verdict.retryAfterMs, () => {
            stayed();
            if (latest.get(this.agency) === batch) this.#offerUnnumbered(batch, single, settle);
            else settle({ kind: "superseded" });
          });
          const stayed = this.#connection.untilClosed(() => {
            cancel();
            forget();
          });
          return;
        }
        case "gap":
        case "conflict":
          onFault(new RangeError(`Cannot settle a batch without a number as ${verdict.kind}`));
          return;
        default:
          forget();
          settle(verdict);
      }
    });
  }

  #note(batch: Batch | UnnumberedBatch, verdict: BatchVerdict, bet: Bet | undefined): void {
    const { refusals, events } = this.#desk;
    if (REFUSED.has(verdict.kind)) {
      refusals.note(this.agency);
      this.#sender.refused();
    }
    switch (verdict.kind) {
      case "stored":
        if (!events.hears("batch-stored")) return;
        events.publish({ kind: "batch-stored", ...this.#about(batch), bet });
        return;
      case "duplicate":
        events.publish({ kind: "batch-repeated", ...this.#about(batch) });
        return;
      case "busy": {
        const { retryAfterMs } = verdict;
        events.publish({ kind: "batch-deferred", ...this.#about(batch), retryAfterMs });
        return;
      }
      case "invalid":
      case "conflict":
      case "late":
      case "gap":
        events.publish({ kind: "batch-refused", ...this.#about(batch), why: verdict });
    }
  }

  #reportDone(verdict: DoneVerdict): void {
    const { agency } = this;
    const { turnout, events } = this.#desk;
    const from = this.#source;
    if (verdict.kind !== "done") {
      events.publish({ kind: "done-refused", from, agency, reason: verdict.kind });
    } else if (turnout.record(agency)) {
      const { done, agencies, missing } = turnout;
      events.publish({ kind: "agency-done", from, agency, done, agencies, missing });
    } else {
      events.publish({ kind: "done-repeated", from, agency });
    }
  }

  /** The agency is done without a stored bet: perhaps something is wrong here. */
  async #reportEmpty(): Promise<void> {
    const { agency } = this;
    const { refusals, store, events } = this.#desk;
    const refused = refusals.take(agency);
    if (refused === 0 || (await store.standing(agency)).bets > 0) return;
    events.publish({ kind: "done-without-bets", from: this.#source, agency, refused });
  }

  async #resultsOf(outcome: DrawOutcome): Promise<AgencyResults> {
    const { draw, winningNumber, seal } = outcome;
    return {
      outcome: { draw, winningNumber, seal },
      winners: await this.#desk.store.winners(this.agency),
    };
  }

  /** What events say of a batch, whose bytes do not last. */
  #about(batch: Batch | UnnumberedBatch): { readonly from: Source; readonly batch: BatchSketch } {
    const { agency, count } = batch;
    const sequence = "sequence" in batch ? batch.sequence : undefined;
    return { from: this.#source, batch: { agency, sequence, count } };
  }

  get #source(): Source {
    return { address: this.#sender.address, agency: this.agency };
  }
}
