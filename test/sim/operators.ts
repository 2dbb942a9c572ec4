import { isDeepStrictEqual } from "node:util";
import type { Deed } from "../../src/lottery/act.ts";
import type { OpenVerdict } from "../../src/central/draw-register.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { ActEvidence } from "../checker/evidence.ts";
import type { DrawScript } from "./cast.ts";
import { type CentralHost, describe } from "./central-host.ts";
import type { DrawsWatch } from "./draws-watch.ts";
import { isCancelled, sealIn } from "./durable.ts";
import { isSo, unexcused } from "./operators-answers.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** What an operator wants to be done. */
export interface Wish {
  readonly script: DrawScript;
  readonly deed: Exclude<Deed, { kind: "open" }> | { readonly kind: "open" };
  readonly by: string;
}

/** The refusal that ended a wish; undefined when it was fulfilled. */
export type Outcome = Extract<OpenVerdict, { kind: "refused" }>["why"] | "no-draw" | undefined;

export interface OperatorsOptions {
  readonly world: World;
  readonly watch: Watch;
  readonly central: CentralHost;
  readonly draws: DrawsWatch;
  /** Somebody is about to ask for an act. */
  readonly onAct: (draw: string) => void;
}

/** So long an operator waits for an answer before he asks again. */
const PATIENCE_MS = [500, 12_000] as const;
const PAUSE_MS = [100, 3000] as const;

/**
 * Operators: they ask for acts, and ask again when they get no answer. Every answer is a promise, which is
 * compared with the disk at once.
 */
export class Operators {
  readonly #options: OperatorsOptions;
  /** By draw: what was answered as done. */
  readonly #done = new Map<string, ActEvidence[]>();

  constructor(options: OperatorsOptions) {
    this.#options = options;
  }

  /** What was answered as done, for the checker. */
  doneIn(draw: string): readonly ActEvidence[] {
    return this.#done.get(draw) ?? [];
  }

  /** Asks for it until there is an answer that is final. */
  ask(wish: Wish): Promise<Outcome> {
    return new Promise((resolve) => this.#try(wish, resolve));
  }

  /** Resolves later. */
  pause(fromMs: number, toMs: number): Promise<void> {
    const { world } = this.#options;
    return this.until(world.nowMs + world.chance.spread(fromMs, toMs));
  }

  until(atMs: number): Promise<void> {
    const { world } = this.#options;
    return new Promise((resolve) => {
      world.schedule(undefined, atMs - world.nowMs, "an operator goes on", resolve);
    });
  }

  #try(wish: Wish, resolve: (outcome: Outcome) => void): void {
    const { world, central, onAct } = this.#options;
    const { operations, life } = central;
    const again = (): void => void this.pause(...PAUSE_MS).then(() => this.#try(wish, resolve));
    if (operations === undefined || life === undefined || life.paused) return again();
    const { script, deed, by } = wish;
    const { name } = script.plan;
    onAct(name);
    world.note(by, `asks for ${deed.kind} of ${name}`);
    const asked = this.#stateNow(wish);
    const operator = { by, reason: "" };
    const asking =
      deed.kind === "open"
        ? operations.open(script.plan, operator)
        : operations.act(name, deed, operator);
    let waits = true;
    const cancel = world.schedule(
      undefined,
      world.chance.spread(...PATIENCE_MS),
      "an operator has no answer",
      () => {
        waits = false;
        this.#try(wish, resolve);
      },
    );
    void (async () => {
      const { answer, error } = await settled(asking);
      // A process that is over does not answer: then the operator's patience ends.
      if (!waits || life.over) return;
      waits = false;
      cancel();
      if (error !== undefined) this.#failed(wish, error);
      const outcome = error === undefined ? this.#heard(wish, answer, asked) : "again";
      // Some answers do not arrive.
      if (outcome === "again" || world.chance.hits(0.15)) again();
      else resolve(outcome);
    })();
  }

  /** A central that stops, or whose disk has failed, may say so. */
  #failed({ deed }: Wish, error: unknown): void {
    if (error instanceof StoreError || error instanceof RangeError) return;
    this.#options.watch.report("operators", `${deed.kind}: ${describe(error)}`);
  }

  /** What is certain at the moment of the question. */
  #stateNow({ script }: Wish): Asked {
    const { central, draws, world } = this.#options;
    const { name } = script.plan;
    const { memory } = central;
    return {
      sealed: sealIn(memory, name) !== undefined,
      cancelled: isCancelled(memory, name),
      held: (draws.heldSince(name) ?? Infinity) < world.events,
    };
  }

  #heard(wish: Wish, answer: OpenVerdict | undefined, asked: Asked): Outcome | "again" {
    const { watch, world, central } = this.#options;
    const { script, deed, by } = wish;
    const { name } = script.plan;
    const say = (text: string): void =>
      watch.report("operators", `${deed.kind} of ${name} by ${by}: ${text}`);
    const kind = answer?.kind ?? "no-draw";
    world.note(by, `is told ${kind}${answer?.kind === "refused" ? `, ${answer.why}` : ""}`);
    if (answer === undefined) {
      if (asked.held) say("there is no such draw");
      return "no-draw";
    }
    switch (answer.kind) {
      case "busy":
        return "again";
      case "done":
      case "already": {
        const flaw = isSo(central.memory, wish, answer.kind === "done");
        if (flaw !== undefined) say(`the answer is ${answer.kind}, and ${flaw}`);
        if (answer.kind === "done" && !this.#enter(wish)) say("it was done before");
        return undefined;
      }
      case "refused": {
        const flaw = unexcused(central.memory, wish, answer.why, asked);
        if (flaw !== undefined) say(`it is refused (${answer.why}), and ${flaw}`);
        return answer.why;
      }
      default:
        return answer satisfies never;
    }
  }

  /** @returns false when the same was answered as done before */
  #enter({ script, deed, by }: Wish): boolean {
    const { name } = script.plan;
    const { kind: act, ...about } = deed;
    const entry: ActEvidence = { act, ...about, by };
    const list = this.#done.get(name) ?? [];
    const before = list.some((one) => isDeepStrictEqual(one, entry));
    this.#done.set(name, [...list, entry]);
    return !before;
  }
}

/** The state of a draw when something was asked for. */
export interface Asked {
  /** On stable storage. */
  readonly sealed: boolean;
  readonly cancelled: boolean;
  /** Whether the central had it, open or over. */
  readonly held: boolean;
}

async function settled(
  asking: Promise<OpenVerdict | undefined>,
): Promise<{ answer?: OpenVerdict | undefined; error?: unknown }> {
  try {
    return { answer: await asking };
  } catch (error) {
    return { error: error ?? "nothing" };
  }
}
