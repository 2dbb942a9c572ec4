import type { AgencyId } from "../../src/lottery/bet.ts";
import type { MemoryDisk } from "../support/disk-memory.ts";
import type { DrawScript } from "./cast.ts";
import type { CentralHost } from "./central-host.ts";
import { actsIn, isCancelled, sealIn } from "./durable.ts";
import type { Operators, Outcome, Wish } from "./operators.ts";
import type { World } from "./world.ts";

const FIRST = "ana";
const SECOND = "beto";

export interface StoryOptions {
  readonly world: World;
  readonly central: CentralHost;
  readonly operators: Operators;
}

/** What operators do to one draw, from its opening to its number. */
export class Story {
  readonly script: DrawScript;
  /** Nobody waits any longer for a draw to close by itself. */
  hurried = false;
  /** Nothing more is done to the draw. */
  over = false;
  /** It was never opened: its time was over before. */
  missed = false;
  readonly #options: StoryOptions;

  constructor(script: DrawScript, options: StoryOptions) {
    this.script = script;
    this.#options = options;
  }

  async play(): Promise<void> {
    if (await this.#begins()) {
      await this.#tryEarly();
      await this.#ends();
      if (!this.#cancelled) await this.#number();
    } else {
      this.missed = true;
    }
    this.over = true;
  }

  get #memory(): MemoryDisk {
    return this.#options.central.memory;
  }

  get #cancelled(): boolean {
    return isCancelled(this.#memory, this.script.plan.name);
  }

  get #sealed(): boolean {
    return sealIn(this.#memory, this.script.plan.name) !== undefined;
  }

  #ask(deed: Wish["deed"], by = FIRST): Promise<Outcome> {
    return this.#options.operators.ask({ script: this.script, deed, by });
  }

  /** @returns false when the draw cannot be opened any more */
  async #begins(): Promise<boolean> {
    const { operators, world } = this.#options;
    const { opened, opensAtMs, plan } = this.script;
    await operators.until(opened === "timetable" ? opensAtMs / 2 : opensAtMs);
    switch (opened) {
      case "told":
        return true;
      case "operator":
        return (await this.#ask({ kind: "open" })) !== "closes-in-past";
      case "timetable": {
        // A draw that is scheduled may be cancelled.
        const cancels = this.script.ending === "cancel" && world.chance.hits(0.7);
        if (cancels && (await this.#ask({ kind: "cancel" })) === undefined) return true;
        // A day of which all the time has passed while no central ran has no draw.
        const lastMs = opensAtMs + 4 * 60_000;
        while (world.nowMs < lastMs) {
          if (actsIn(this.#memory, plan.name).length > 0) return true;
          await operators.pause(200, 2000);
        }
        return false;
      }
      default:
        return opened satisfies never;
    }
  }

  /** Before the seal nobody may tell a number. */
  async #tryEarly(): Promise<void> {
    const { world, operators } = this.#options;
    if (!world.chance.hits(0.4)) return;
    await operators.pause(50, 500);
    const { number, plan } = this.script;
    const kind = plan.secondOperator === true ? "propose-number" : "tell-number";
    await this.#ask({ kind, number });
  }

  async #ends(): Promise<void> {
    const { operators } = this.#options;
    const { ending, endsAtMs } = this.script;
    if (ending !== "all-done" && ending !== "clock") await operators.until(endsAtMs);
    if (ending === "close-out") await this.#closeOutAll();
    if (ending === "cancel" && (await this.#ask({ kind: "cancel" })) === undefined) return;
    while (!this.#sealed && !this.#cancelled) {
      if (ending === "close" || ending === "close-out" || this.hurried) {
        await this.#ask({ kind: "close" });
      }
      await operators.pause(100, 2000);
    }
  }

  /** Waits for none of the agencies that are missing: some are done, and some have not come. */
  async #closeOutAll(): Promise<void> {
    const { world, operators } = this.#options;
    for (let agency = 1; agency <= this.script.plan.agencies; agency++) {
      if (world.chance.hits(0.2)) await operators.pause(10, 1000);
      await this.#ask({ kind: "close-out", agency: agency as AgencyId });
    }
  }

  async #number(): Promise<void> {
    const { world, operators } = this.#options;
    const { chance } = world;
    const { number, plan } = this.script;
    const other = (number + 1 + chance.below(100)) % 10_000;
    if (plan.winningNumber === undefined) {
      await operators.pause(10, 3000);
      if (plan.secondOperator === true) {
        if (chance.hits(0.3)) await this.#ask({ kind: "tell-number", number });
        await this.#ask({ kind: "propose-number", number });
        if (chance.hits(0.3)) await this.#ask({ kind: "tell-number", number });
        if (chance.hits(0.3)) await this.#ask({ kind: "tell-number", number: other }, SECOND);
        await this.#ask({ kind: "tell-number", number }, SECOND);
      } else {
        await this.#ask({ kind: "tell-number", number });
      }
    }
    if (chance.hits(0.2)) await this.#ask({ kind: "tell-number", number: other }, SECOND);
    if (plan.byOperator === true) await this.#ask({ kind: "run" });
  }
}
