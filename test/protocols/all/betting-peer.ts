import assert from "node:assert/strict";
import type { Bet } from "../../../src/lottery/bet.ts";
import type { ServeLimits } from "../../../src/protocols/dialect.ts";
import { Served } from "../served.ts";
import type { Speaker } from "../spoken.ts";
import { WatchedDesk } from "../watched-desk.ts";
import type { BettingDialect } from "./spoken.ts";

/** An agency on one connection to a central, in any dialect: says things, and hears answers in words. */
export class BettingPeer {
  readonly served: Served;
  readonly speaker: Speaker;
  readonly #spoken: BettingDialect;
  #greeted = false;

  constructor(
    spoken: BettingDialect,
    desk = new WatchedDesk(3),
    { agency = 1, limits = {} }: { agency?: number; limits?: Partial<ServeLimits> } = {},
  ) {
    this.#spoken = spoken;
    this.speaker = spoken.speak(agency);
    this.served = new Served(spoken.dialect, spoken.understand, desk, limits);
  }

  get desk(): WatchedDesk {
    return this.served.desk;
  }

  get ended(): boolean {
    return this.served.ended;
  }

  /** Greets before the first message, as agencies do. */
  async say(...messages: readonly Uint8Array[]): Promise<string[]> {
    const { hello } = this.speaker;
    const chunks = this.#greeted || hello.length === 0 ? messages : [hello, ...messages];
    this.#greeted = true;
    return this.served.say(...chunks);
  }

  batch(...bets: readonly Bet[]): Promise<string[]> {
    return this.say(this.speaker.batch(...bets));
  }

  /** A bet by itself, with the time that it takes to be known as one. */
  async single(bet: Bet): Promise<string[]> {
    const { singleWithoutHello = false, singlePauseMs } = this.#spoken.manners;
    if (singleWithoutHello) this.#greeted = true;
    const answers = await this.say(this.speaker.single(bet));
    if (singlePauseMs === undefined) return answers;
    return [...answers, ...(await this.served.wait(singlePauseMs))];
  }

  done(): Promise<string[]> {
    return this.say(this.speaker.done?.() ?? fail("say that it is done"));
  }

  question(): Promise<string[]> {
    return this.say(this.speaker.question?.() ?? fail("ask for its winners"));
  }
}

/** For the titles of tests. */
export function nameOf({ name }: BettingDialect): string {
  return `a central that speaks ${name}`;
}

/** @param who said it, and to what: for the sentence that says what is wrong */
export function assertSays(
  who: string,
  said: readonly string[],
  expected: readonly string[],
): void {
  const wrong = `${who}: it says ${words(said)}, and must say ${words(expected)}`;
  assert.equal(words(said), words(expected), wrong);
}

function words(all: readonly string[]): string {
  return all.length === 0 ? "nothing" : all.join(", ");
}

function fail(what: string): never {
  throw new Error(`This dialect has no word to ${what}: say so in what its entry lacks`);
}
