import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { playAndClose } from "../blackbox/perform.ts";
import { assertSound } from "../checker/check-evidence.ts";
import { phaseOf } from "./phase.ts";
import type { Moment } from "./moments.ts";
import { count, type Tally } from "./tally.ts";
import { untilPublished } from "../blackbox/until-published.ts";
import { openStormStage, type StormScene, type StormStage } from "./storm-stage.ts";

/**
 * What is killed: one of the agencies that are programs, the central, or both at the same moment.
 */
export type Victim = "central" | "agency" | "both";

export interface Blow {
  readonly victim: Victim;
  readonly moment: Moment;
}

export interface Storm extends StormScene {
  readonly blows: readonly Blow[];
}

const LOCK_FILE = "ledger.lock";

/** Status of a process that was killed. */
const KILLED = 137;

/**
 * A draw in a storm: programs are killed, `kill -9`, and started again at once. After every kill of
 * the central, and before its next start, the files are compared with what every agency had been
 * told by then. At the end everything is compared.
 */
export async function playStorm(storm: Storm): Promise<Tally> {
  const stage = await openStormStage(storm);
  try {
    const play = new StormPlay(storm, stage);
    await playAndClose(stage.show, () => play.run());
    return play.toll;
  } finally {
    await stage.close();
  }
}

class StormPlay {
  /** What was killed, and how far the draw was: `central: sealed, nothing published`. */
  readonly toll: Tally = new Map();
  readonly #storm: Storm;
  readonly #stage: StormStage;
  /** How often each program was started. */
  readonly #starts = new Map<string, number>();
  #rawRun: Promise<void> = Promise.resolve();
  #rawEnded = false;
  #rawError: unknown;
  /** A start of the central that the storm does not wait for, and whether it has ended. */
  #starting: Promise<unknown> = Promise.resolve();
  #listening = true;
  /** From the last DONE on a kill may come between the draw and its line. */
  #drawMayBeToldAgain = false;

  constructor(storm: Storm, stage: StormStage) {
    this.#storm = storm;
    this.#stage = stage;
  }

  async run(): Promise<void> {
    const { show, lookout, raw, programs, drawDir } = this.#stage;
    await show.start(["server"]);
    lookout.watchFiles(drawDir);
    for (const { service } of programs) await this.#start(service);
    this.#rawRun = raw.run().then(
      () => this.#endRaw(),
      (error: unknown) => this.#endRaw(error),
    );
    for (const blow of this.#storm.blows) await this.#strike(blow);
    await this.#starting;
    await this.#finish();
  }

  #endRaw(error?: unknown): void {
    this.#rawEnded = true;
    this.#rawError = error;
    this.#stage.lookout.look();
  }

  async #strike({ victim, moment }: Blow): Promise<void> {
    const { show, lookout, programs, raw } = this.#stage;
    const { random } = this.#storm;
    if (moment.when.kind === "last-done") await this.#letFinish();
    await lookout.until(moment.when, () => this.#cannotCome(moment));
    if (this.#rawError !== undefined) throw this.#rawError;
    const first = random.below(programs.length);
    const delayMs = random.below(1000 * moment.withinMs + 1) / 1000;
    if (delayMs > 0) await pause(delayMs);

    const turned = programs.map((_, index) => programs[(index + first) % programs.length]);
    const living = turned.find(
      (program) => program !== undefined && show.isRunning(program.service),
    );
    const agency = living?.service ?? "client1";
    const victims = { central: ["server"], agency: [agency], both: ["server", agency] }[victim];
    await Promise.all(victims.map((name) => show.kill(name)));
    if (victim !== "agency") {
      await raw.quiet();
      await this.#starting;
    }
    // An agency that has its winners has ended by itself: it is not killed, but run once more.
    if (living !== undefined) this.#examine(victim);
    else if (victim !== "agency") this.#examine("central");
    for (const name of victims) await this.#start(name);
  }

  /**
   * Waits until every agency except the one in this process is done, and then lets this one say
   * DONE.
   */
  async #letFinish(): Promise<void> {
    const { show, lookout, programs, raw } = this.#stage;
    const ready = (): boolean =>
      lookout.done.size === programs.length && raw.acknowledged === raw.batches.length;
    await lookout
      .until({ kind: "never" }, () => ready() || this.#rawEnded)
      .catch((cause: unknown) => {
        const missing = programs.filter(({ service }) => !lookout.done.has(service));
        const exits = missing.map(({ service }) => `${service} ${show.feed.exits(service).join()}`);
        const acknowledged = `${raw.acknowledged} of ${raw.batches.length} batches`;
        const state = `not done, with exits: ${exits.join("; ")}; raw agency: ${acknowledged}`;
        throw new Error(state, { cause });
      });
    this.#drawMayBeToldAgain = true;
    raw.allowDone();
  }

  /**
   * Whether the moment has passed, or cannot come because the load has ended: then it is not waited
   * for.
   */
  #cannotCome({ when }: Moment): boolean {
    const { lookout, programs, raw } = this.#stage;
    if (this.#rawEnded) return true;
    switch (when.kind) {
      case "stored":
      case "bytes":
        return lookout.done.size === programs.length && raw.acknowledged === raw.batches.length;
      case "file":
        // The lock is taken at the start; the last of the other files is seal.json.
        return when.name === LOCK_FILE
          ? this.#listening
          : existsSync(join(this.#stage.drawDir, "seal.json"));
      case "drawn":
        return lookout.told.size > 0;
      default:
        return false;
    }
  }

  /** What every agency had been told before the kill must be in the files that are left. */
  #examine(hit: Victim): void {
    const { programs, lookout } = this.#stage;
    let phase: string;
    if (hit === "agency") {
      // A central that runs is writing, so its files change.
      const waiting = lookout.done.size === programs.length;
      phase = lookout.told.size > 0 ? "winners" : waiting ? "awaiting the draw" : "load";
    } else {
      const found = this.#stage.evidence({
        over: false,
        drawMayBeToldAgain: this.#drawMayBeToldAgain,
      });
      assertSound(found);
      phase = phaseOf(found.files);
    }
    count(this.toll, `${hit}: ${phase}`);
  }

  async #start(service: string): Promise<void> {
    this.#starts.set(service, (this.#starts.get(service) ?? 0) + 1);
    const started = this.#stage.show.start([service]);
    if (service !== "server") return started;
    this.#listening = false;
    // It may be killed before it listens. If it ends for another reason, its exit status shows it.
    this.#starting = started
      .catch(() => undefined)
      .finally(() => {
        this.#listening = true;
        this.#stage.lookout.look();
      });
  }

  async #finish(): Promise<void> {
    const { show, programs, raw } = this.#stage;
    raw.allowDone();
    for (const { service, bets } of programs) {
      await show.feed.until(
        `the last exit of ${service}`,
        (seen) => seen.kind === "exit" && seen.source === service,
        this.#starts.get(service) ?? 0,
      );
      assert.equal(show.feed.exits(service).at(-1), 0, service);
      const line = `action: consulta_ganadores | result: success | cant_ganadores: ${bets.winners.length}`;
      assert.equal(show.feed.messages("consulta_ganadores", service).at(-1), line, service);
    }
    await this.#rawRun;
    if (this.#rawError !== undefined) throw this.#rawError;
    await untilPublished(this.#stage.drawDir);
    await show.stop(["server"], 1);
    const exits = show.feed.exits("server");
    assert.equal(exits.pop(), 0);
    assert.ok(
      exits.every((status) => status === KILLED),
      `a central ended by itself: ${exits.join(", ")}`,
    );
    assertSound(this.#stage.evidence({ over: true, drawMayBeToldAgain: this.#drawMayBeToldAgain }));
  }
}
