import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import type { AgencyError } from "../../src/agency/agency-error.ts";
import type { OpenData } from "../../src/agency/data-file.ts";
import { runAgency } from "../../src/agency/run.ts";
import { calendarDay } from "../../src/lottery/calendar-day.ts";
import type { AgencyDialer, AgencyLink, LinkError } from "../../src/protocols/agency-link.ts";
import { CONFIG } from "../agency/harness.ts";
import type { ClientEvidence } from "../checker/evidence.ts";
import { DRAW, type DrawScript, type Part } from "./cast.ts";
import { type CentralHost, describe } from "./central-host.ts";
import type { CentralTime } from "./central-time.ts";
import { SIM_DIALERS } from "./dialers.ts";
import type { DrawsWatch } from "./draws-watch.ts";
import { holdsDone } from "./durable.ts";
import { excuseByDraws } from "./excuses.ts";
import { HeardByAgency, type Talk } from "./heard.ts";
import type { Network } from "./network.ts";
import type { SimSocket } from "./sim-socket.ts";
import { dateAt, type Watch } from "./watch.ts";
import { Life, type World } from "./world.ts";

export interface AgencyHostOptions {
  readonly world: World;
  readonly network: Network;
  readonly watch: Watch;
  readonly central: CentralHost;
  readonly time: CentralTime;
  readonly draws: DrawsWatch;
  readonly scripts: readonly DrawScript[];
  readonly part: Part;
}

interface Process {
  readonly life: Life;
  readonly stop: AbortController;
  connections: number;
  /** The number of connections that were welcomed. */
  links: number;
  talk: Talk;
}

/**
 * An agency: its processes, one after the other or several at once, and what they sent and
 * received.
 */
export class AgencyHost {
  readonly part: Part;
  /** Some of its processes ran at the same time. */
  crowded = false;
  /**
   * The central was started again in the middle of a repetition, in a dialect without numbers, so
   * the place in the repetition is forgotten (docs/replays.md).
   */
  outlived = false;
  /**
   * A batch of an earlier connection was still on its way when it was sent again. If every message
   * has its own connection, the central may take it for another batch (docs/replays.md).
   */
  straggled = false;
  /**
   * A process of it ended with a greeting on its way, so the next process may be fenced by this
   * greeting.
   */
  haunted = false;
  /** Another client has sent messages in its name. */
  impersonated = false;
  /** True when it must not be started again. */
  retired = false;
  /** Another file that its next processes find, and must not take for the file of before. */
  otherFile: Buffer | undefined;
  starts = 0;
  readonly #options: AgencyHostOptions;
  readonly #processes = new Set<Process>();
  readonly #received: Uint8Array[][] = [];
  readonly #sockets: SimSocket[] = [];
  readonly heard: HeardByAgency;
  /** Its draw was over before it had sent everything. */
  #shutOut = false;
  /** A process of it has ended after its DONE was stored, and was not told so. */
  #beyondHelp = false;

  constructor(options: AgencyHostOptions) {
    this.#options = options;
    this.part = options.part;
    const known = options.scripts.map(({ plan }) => plan);
    this.heard = new HeardByAgency({ ...options, known });
  }

  /** It has been told its winners. */
  get told(): boolean {
    return this.heard.told;
  }

  /**
   * It has been told its winners, or cannot be told any more: because its draw is over without it, or because
   * its bets are stored twice and another run is not recognised.
   */
  get settled(): boolean {
    return this.told || this.#shutOut || this.retired || (this.#beyondHelp && this.mayRepeat);
  }

  /** Batches without numbers may be stored twice: docs/replays.md says when. */
  get mayRepeat(): boolean {
    return this.part.dialect !== "native" && (this.crowded || this.outlived || this.straggled);
  }

  get lives(): readonly Life[] {
    return [...this.#processes].map(({ life }) => life);
  }

  start(): void {
    const { world, part } = this.#options;
    if (this.#processes.size > 0) this.crowded = true;
    const which = part.draw === undefined ? part.agency : `${part.agency}@${part.draw}`;
    const life = new Life(world, `agency${which}.${++this.starts}`);
    const talk: Talk = { since: world.events, draw: undefined };
    const process = { life, stop: new AbortController(), connections: 0, links: 0, talk };
    this.#processes.add(process);
    life.soon("starts", () => void this.#run(process));
  }

  /** SIGTERM to all processes. */
  stop(): void {
    for (const { stop } of this.#processes) stop.abort(new Error("signal"));
  }

  /** SIGKILL to all processes; with `old` to all but the newest one. */
  kill(which: "all" | "old"): void {
    const processes = [...this.#processes];
    for (const process of which === "all" ? processes : processes.slice(0, -1)) {
      this.#ended(process);
    }
  }

  evidence(draw: string): ClientEvidence {
    const received = this.#received.map((pieces) => Buffer.concat(pieces));
    return { ...this.heard.evidence(draw, this.mayRepeat), received };
  }

  async #run(process: Process): Promise<void> {
    const { world, network, watch, part, central, scripts } = this.#options;
    const { life, stop } = process;
    const outcome = await runAgency({
      config: {
        ...CONFIG,
        id: String(part.agency),
        batchAmountMax: part.batchBets,
        dataFile: `agency-${part.agency}.csv`,
        badRow: part.flawed ? "send" : "stop",
        dialect: part.dialect,
        draw: part.draw ?? (scripts.length === 1 && world.chance.hits(0.5) ? DRAW : ""),
        retry: { firstDelayMs: 100, delayMaxMs: 5000, giveUpAfterMs: 0 },
        answerTimeoutMs: 5000,
      },
      dialer: this.#observed(this.#dialer(life), { central, process }),
      logger: watch.logger(life.name, "agency"),
      signal: stop.signal,
      connect: (signal) => {
        const pieces: Uint8Array[] = [];
        this.#received.push(pieces);
        // Its program stays with the draw that a central has named, where one can.
        const draw = part.dialect === "native" ? process.talk.draw : undefined;
        process.talk = { since: world.events, draw };
        const connected = network.connect(life, {
          address: `10.0.0.${part.agency}`,
          signal,
          timeoutMs: 5000,
          onReceived: (bytes) => void pieces.push(bytes),
        });
        return connected.then((socket) => {
          process.connections++;
          this.#sockets.push(socket);
          return socket;
        });
      },
      random: world.chance.next,
      now: () => world.nowMs,
      today: () => calendarDay(dateAt(world.nowMs)),
      sleep: (delayMs, signal) => sleep(life, delayMs, signal),
      openData: openIn(life, this.otherFile ?? part.file),
    });
    this.#conclude(process, outcome);
    this.#ended(process);
  }

  #dialer(life: Life): AgencyDialer {
    const create = SIM_DIALERS.get(this.part.dialect);
    if (create === undefined) throw new Error(`Cannot speak ${this.part.dialect}`);
    return create((callback, delayMs) => life.after(delayMs, "timer", callback));
  }

  #conclude({ life, talk }: Process, { kind, error, winners }: AgencyOutcome): void {
    if (this.otherFile !== undefined) {
      this.#expectRefusal(kind, error);
      return;
    }
    if (winners !== undefined) this.heard.hear(life.name, talk, winners);
    if (kind !== "failed" || error === undefined) return;
    const { scripts } = this.#options;
    const excuse =
      scripts.length === 1 ? undefined : excuseByDraws(error, { ...this.#options, talk });
    if (excuse === "over" && this.part.draw !== undefined) this.#shutOut = true;
    if (excuse === undefined && !this.#excusable(error)) {
      this.#options.watch.report(
        "agency",
        `agency ${this.part.agency} (${this.part.dialect}) ended with ${describe(error)}`,
      );
    }
  }

  /** Checks the end of a run of an agency that is done and whose file has become longer. */
  #expectRefusal(kind: AgencyOutcome["kind"], error: AgencyOutcome["error"]): void {
    const { watch, part, central } = this.#options;
    // An agency that was closed out has not said DONE to the central.
    const done = holdsDone(central.memory, part.draw ?? DRAW, part.agency);
    const native = part.dialect === "native" && done;
    const expected: string[] = native ? ["FILE_DIFFERS"] : ["BATCH_REFUSED", "SENDING_CLOSED"];
    // The added row may be cut into a batch that has a bad row, and then counts as refused with it.
    if (part.flawed) expected.push("BETS_REFUSED");
    if (error !== undefined && expected.includes(error.code)) return;
    const end = error === undefined ? kind : describe(error);
    watch.report(
      "agency",
      `agency ${part.agency} (${part.dialect}) is done, and ended with ${end} when its file had become longer`,
    );
  }

  /** Errors with which an agency may end although every program works correctly. */
  #excusable({ code }: AgencyError | LinkError): boolean {
    if (code === "BETS_REFUSED") return this.part.flawed;
    // A repeated batch without a number that is not recognised is late if the agency is done.
    if (code === "BATCH_REFUSED") return this.mayRepeat;
    // A process knows the greetings that it has given up itself, but not those of earlier
    // processes.
    if (code === "FENCED") return this.crowded || this.impersonated || this.haunted;
    // Some dialects refuse by ending the connection; at the same batch twenty times in a row it is
    // a refusal.
    if (code === "SENDING_CLOSED") return this.part.dialect !== "native" || this.crowded;
    return false;
  }

  #ended(process: Process): void {
    const { world, network, central, part, scripts } = this.#options;
    const { life } = process;
    if (life.over) return;
    life.over = true;
    if (process.connections > process.links) this.haunted = true;
    world.note(life.name, "is over");
    network.lifeEnded(life, "alone");
    this.#processes.delete(process);
    const mine = scripts.filter(({ plan }) => (part.draw ?? plan.name) === plan.name);
    if (mine.some(({ plan }) => holdsDone(central.memory, plan.name, part.agency))) {
      this.#beyondHelp = true;
    }
    if (this.told || this.#shutOut || this.#processes.size > 0 || this.retired) return;
    world.schedule(undefined, world.chance.spread(10, 8000), "the operator starts it", () => {
      if (this.#processes.size === 0) this.start();
    });
  }

  // What it sends and receives, as its own programs understand it.

  #observed(
    dialer: AgencyDialer,
    { central, process }: { readonly central: CentralHost; readonly process: Process },
  ): AgencyDialer {
    return {
      measure: dialer.measure,
      unfit: (bet) => dialer.unfit?.(bet),
      dial: async (context) => {
        const link = await dialer.dial(context);
        process.links++;
        return this.#observedLink(link, central, process);
      },
    };
  }

  #observedLink(link: AgencyLink, central: CentralHost, process: Process): AgencyLink {
    const { heard, part } = this;
    heard.welcomed(process.talk, link);
    let { starts } = central;
    return {
      standing: link.standing,
      ...(link.draw === undefined ? {} : { draw: link.draw }),
      chainKnown: link.chainKnown,
      window: link.window,
      send: async (batch) => {
        const lines = Buffer.from(batch.lines);
        if (heard.sentBefore(lines)) {
          if (central.starts !== starts) this.outlived = true;
          if (this.#sockets.some(({ outbound }) => outbound.carries)) this.straggled = true;
        }
        ({ starts } = central);
        heard.sends(process.talk, lines);
        const answer = await link.send(batch);
        heard.answered(process.talk, lines, answer, batch.sequence);
        return answer;
      },
      sendSingle: (batch) => link.sendSingle(batch),
      done: async (claim) => {
        await link.done(claim);
        // In this dialect the question is also the DONE.
        if (part.dialect !== "fixed70") heard.doneConfirmed(process.talk);
      },
      results: async () => {
        const results = await link.results();
        heard.expectDrawn(process.talk);
        return results;
      },
      close: () => link.close(),
    };
  }
}

function sleep(life: Life, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = life.after(delayMs, "wakes", () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function openIn(life: Life, file: Buffer): OpenData {
  return () =>
    new Promise((resolve) => {
      let at = 0;
      life.soon("opens its file", () =>
        resolve({
          size: file.length,
          read: async (into) => {
            const count = file.copy(into, 0, at);
            at += count;
            return count;
          },
          close: () => Promise.resolve(),
        }),
      );
    });
}
