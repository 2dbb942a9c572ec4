import type { SessionAdmitter } from "../../src/central/admitter.ts";
import type { Sender } from "../../src/central/sender.ts";
import type { Place } from "../../src/lottery/batch.ts";
import type { Counter, UnnumberedVerdict } from "../../src/protocols/counter.ts";
import { MemoryDesk } from "./memory-desk.ts";

/** What a counter was offered, without its lines. */
export interface Offer {
  readonly agency: number;
  readonly count: number;
  readonly place: Place;
  readonly single: boolean;
}

/** A desk in memory that keeps what its counters were offered, and can be told what to say to it. */
export class WatchedDesk extends MemoryDesk {
  readonly offers: Offer[] = [];
  verdict: UnnumberedVerdict | undefined;
  readonly #watched = new WeakMap<Counter, Counter>();

  override admitter(sender: Sender): SessionAdmitter {
    const admitter = super.admitter(sender);
    return {
      admit: (claim) => {
        const counter = admitter.admit(claim);
        return counter.kind === "counter" ? this.#watch(counter) : counter;
      },
      get congested() {
        return admitter.congested;
      },
      waitForRoom: () => admitter.waitForRoom(),
      close: () => admitter.close(),
    };
  }

  #watch(counter: Counter): Counter {
    const known = this.#watched.get(counter);
    if (known !== undefined) return known;
    const { agency } = counter;
    const watched: Counter = {
      kind: "counter",
      agency,
      draw: () => counter.draw(),
      standing: () => counter.standing(),
      hold: (onFenced) => counter.hold(onFenced),
      submit: (batch, settle) => counter.submit(batch, settle),
      submitUnnumbered: (batch, settle) => {
        const { count, place, single = false } = batch;
        this.offers.push({ agency, count, place, single });
        if (this.verdict === undefined) counter.submitUnnumbered(batch, settle);
        else settle(this.verdict);
      },
      done: (claim) => counter.done(claim),
      results: (signal) => counter.results(signal),
      resultsNow: () => counter.resultsNow(),
      sealShare: () => counter.sealShare(),
    };
    this.#watched.set(counter, watched);
    return watched;
  }
}
