import type { Batch, UnnumberedBatch } from "../../src/lottery/batch.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { type DoneClaim, DrawBook } from "../../src/lottery/draw-book.ts";
import { FLAWS } from "../../src/lottery/flaw.ts";
import { Replays, type ReplayMode } from "../../src/lottery/replay.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import type {
  AgencyResults,
  Attendance,
  Desk,
  DeskVerdict,
  DrawView,
  Refusal,
} from "../../src/protocols/desk.ts";
import { winnersAmong } from "../support/documents.ts";

const TODAY = 20261120;
const FLAW_MISSING = { ...FLAWS.missing, index: 0 };

/** A desk over a draw book in memory, which settles a turn later, all of a turn together. */
export class MemoryDesk implements Desk {
  readonly book: DrawBook;
  readonly congested = false;
  /** Batches to be refused as busy before anything is stored again. */
  busy = 0;
  readonly #holders = new Map<AgencyId, () => void>();
  readonly #batches: { readonly agency: AgencyId; readonly lines: Buffer }[] = [];
  #settlements: (() => void)[] = [];
  #waiting: (() => void)[] = [];

  readonly #replays: Replays;

  constructor(agencies: number, replay: ReplayMode = "detect") {
    this.book = new DrawBook({ name: "1", winningNumber: 7574, agencies });
    this.#replays = new Replays(this.book, replay);
  }

  /** Canonical lines of everything that was stored, in that order. */
  get lines(): string {
    return Buffer.concat(this.#batches.map((batch) => batch.lines)).toString();
  }

  whenRoom(callback: () => void): void {
    callback();
  }

  async view(): Promise<DrawView> {
    const { name, state, agencies } = this.book;
    return { name, state, agencies };
  }

  known(agency: number): AgencyId | undefined {
    return agency >= 1 && agency <= this.book.agencies ? (agency as AgencyId) : undefined;
  }

  async attend(agency: number, draw: string): Promise<Attendance | Refusal> {
    if (draw !== "" && draw !== this.book.name) return { kind: "unknown-draw" };
    if (agency < 1 || agency > this.book.agencies) return { kind: "unknown-agency" };
    const id = agency as AgencyId;
    return {
      kind: "welcome",
      agency: id,
      draw: await this.view(),
      standing: this.book.standing(id),
      hold: (onFenced) => {
        const former = this.#holders.get(id);
        this.#holders.set(id, onFenced);
        former?.();
        return { release: () => undefined };
      },
    };
  }

  submitUnnumbered(batch: UnnumberedBatch, settle: (verdict: DeskVerdict) => void): void {
    this.submit(batch, settle);
  }

  submit(batch: Batch | UnnumberedBatch, settle: (verdict: DeskVerdict) => void): void {
    const verdict = this.#decide(batch);
    if (this.#settlements.length === 0) {
      setImmediate(() => {
        for (const settlement of this.#settlements.splice(0)) settlement();
      });
    }
    this.#settlements.push(() => settle(verdict));
  }

  async done(agency: AgencyId, claim?: DoneClaim): ReturnType<Desk["done"]> {
    if (this.known(agency) === undefined) return { kind: "unknown-agency" };
    if (this.known(agency) === undefined) return { kind: "unknown-agency" };
    const entry = this.book.weighDone(agency, claim);
    if (entry.kind === "mismatch") return entry;
    if (entry.kind === "done") this.book.enterDone(agency);
    if (this.book.complete && this.book.state === "open") {
      this.book.enterSeal();
      this.book.enterDraw();
      for (const wake of this.#waiting.splice(0)) wake();
    }
    return { kind: "done" };
  }

  async results(agency: AgencyId): Promise<AgencyResults> {
    if (this.book.state !== "drawn") {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const { name, winningNumber, seal = Buffer.alloc(0) } = this.book;
    const outcome = { draw: name, winningNumber, seal };
    return { outcome, winners: winnersAmong(this.#batches, agency, winningNumber) };
  }

  async resultsNow(agency: AgencyId): Promise<AgencyResults | undefined> {
    return this.book.state === "drawn" ? this.results(agency) : undefined;
  }

  #decide(offered: Batch | UnnumberedBatch): DeskVerdict {
    const { lines, agency, count } = offered;
    if (this.known(agency) === undefined) return { kind: "unknown-agency" };
    const flaw = count < 1 ? FLAW_MISSING : scanLines(lines, agency, count, TODAY);
    if (flaw !== undefined) return { kind: "invalid", flaw };
    const batch = "sequence" in offered ? offered : this.#replays.number(offered);
    const entry = this.book.weigh(batch);
    if (entry.kind !== "new") return entry;
    if (this.busy > 0) {
      this.busy--;
      return { kind: "busy", retryAfterMs: 5 };
    }
    this.book.enter(batch, entry.head);
    this.#batches.push({ agency, lines: Buffer.from(lines) });
    return { kind: "stored", head: entry.head };
  }
}
