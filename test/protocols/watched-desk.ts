import type { Place, UnnumberedBatch } from "../../src/lottery/batch.ts";
import type { DeskVerdict } from "../../src/protocols/desk.ts";
import { MemoryDesk } from "./memory-desk.ts";

/** What a desk was offered, without its lines. */
export interface Offer {
  readonly agency: number;
  readonly count: number;
  readonly place: Place;
  readonly single: boolean;
}

/** A desk in memory that keeps what it was offered, and can be told what to say to it. */
export class WatchedDesk extends MemoryDesk {
  readonly offers: Offer[] = [];
  verdict: DeskVerdict | undefined;

  override submitUnnumbered(
    batch: UnnumberedBatch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
  ): void {
    const { agency, count, place, single = false } = batch;
    this.offers.push({ agency, count, place, single });
    if (this.verdict === undefined) super.submitUnnumbered(batch, settle);
    else settle(this.verdict);
  }
}
