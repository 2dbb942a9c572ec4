import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import type { AgencyError } from "../../src/agency/agency-error.ts";
import type { OpenData } from "../../src/agency/data-file.ts";
import { runAgency } from "../../src/agency/run.ts";
import { calendarDay } from "../../src/lottery/calendar-day.ts";
import type {
  AgencyDialer,
  AgencyLink,
  Answer,
  LinkError,
} from "../../src/protocols/agency-link.ts";
import { CONFIG } from "../agency/harness.ts";
import type { BatchEvidence, ClientEvidence } from "../checker/evidence.ts";
import type { Part } from "./cast.ts";
import { type CentralHost, describe, DRAW } from "./central-host.ts";
import { SIM_DIALERS } from "./dialers.ts";
import { batchesOf, holdsDone, holdsDraw, holdsLines } from "./durable.ts";
import type { Network } from "./network.ts";
import type { SimSocket } from "./sim-socket.ts";
import { dateAt, type Watch } from "./watch.ts";
import { Life, type World } from "./world.ts";

export interface AgencyHostOptions {
  readonly world: World;
  readonly network: Network;
  readonly watch: Watch;
  readonly central: CentralHost;
  readonly part: Part;
}

interface Process {
  readonly life: Life;
  readonly stop: AbortController;
  connections: number;
  /** The number of connections that were welcomed. */
  links: number;
}

type Heard = BatchEvidence["answer"];

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
  readonly #batches = new Map<string, { lines: Uint8Array; answer: Heard }>();
  readonly #received: Uint8Array[][] = [];
  readonly #sockets: SimSocket[] = [];
  #done = false;
  /** A process of it has ended after its DONE was stored, and was not told so. */
  #beyondHelp = false;
  #winners: readonly string[] | undefined;

  constructor(options: AgencyHostOptions) {
    this.#options = options;
    this.part = options.part;
  }

  /** It has been told its winners. */
  get told(): boolean {
    return this.#winners !== undefined;
  }

  /**
   * It has been told its winners, or cannot be told any more, because its bets are stored twice and
   * another run is not recognised.
   */
  get settled(): boolean {
    return this.told || (this.#beyondHelp && this.mayRepeat);
  }

  /** Batches without numbers may be stored twice: docs/replays.md says when. */
  get mayRepeat(): boolean {
    return this.part.dialect !== "native" && (this.crowded || this.outlived || this.straggled);
  }

  get lives(): readonly Life[] {
    return [...this.#processes].map(({ life }) => life);
  }

  /** The number of a stored batch of which every process must have the same. */
  get acknowledged(): number {
    return [...this.#batches.values()].filter(({ answer }) => answer === "acknowledged").length;
  }

  get done(): boolean {
    return this.#done;
  }

  start(): void {
    const { world, part } = this.#options;
    if (this.#processes.size > 0) this.crowded = true;
    const life = new Life(world, `agency${part.agency}.${++this.starts}`);
    const process = { life, stop: new AbortController(), connections: 0, links: 0 };
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

  get evidence(): ClientEvidence {
    const { agency, documents, markers } = this.part;
    const order = new Map(documents.map((document, index) => [document, index]));
    const place = ({ lines }: BatchEvidence): number =>
      order.get(/,(\d{8}),/.exec(Buffer.from(lines).toString())?.[1] ?? "") ?? -1;
    return {
      agency,
      batches: [...this.#batches.values()].toSorted((a, b) => place(a) - place(b)),
      done: this.#done,
      winners: this.#winners,
      received: this.#received.map((pieces) => Buffer.concat(pieces)),
      markers,
      mayRepeat: this.mayRepeat,
    };
  }

  async #run(process: Process): Promise<void> {
    const { world, network, watch, part, central } = this.#options;
    const { life, stop } = process;
    const outcome = await runAgency({
      config: {
        ...CONFIG,
        id: String(part.agency),
        batchAmountMax: part.batchBets,
        dataFile: `agency-${part.agency}.csv`,
        badRow: part.flawed ? "send" : "stop",
        dialect: part.dialect,
        draw: world.chance.hits(0.5) ? DRAW : "",
        retry: { firstDelayMs: 100, delayMaxMs: 5000, giveUpAfterMs: 0 },
        answerTimeoutMs: 5000,
      },
      dialer: this.#observed(this.#dialer(life), { central, process }),
      logger: watch.logger(life.name, "agency"),
      signal: stop.signal,
      connect: (signal) => {
        const pieces: Uint8Array[] = [];
        this.#received.push(pieces);
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
    this.#conclude(outcome);
    this.#ended(process);
  }

  #dialer(life: Life): AgencyDialer {
    const create = SIM_DIALERS.get(this.part.dialect);
    if (create === undefined) throw new Error(`Cannot speak ${this.part.dialect}`);
    return create((callback, delayMs) => life.after(delayMs, "timer", callback));
  }

  #conclude({ kind, error, winners }: AgencyOutcome): void {
    if (this.otherFile !== undefined) {
      this.#expectRefusal(kind, error);
      return;
    }
    if (winners !== undefined) this.#hear(winners);
    if (kind === "failed" && error !== undefined && !this.#excusable(error)) {
      this.#options.watch.report(
        "agency",
        `agency ${this.part.agency} (${this.part.dialect}) ended with ${describe(error)}`,
      );
    }
  }

  /** Checks the end of a run of an agency that is done and whose file has become longer. */
  #expectRefusal(kind: AgencyOutcome["kind"], error: AgencyOutcome["error"]): void {
    const { watch, part } = this.#options;
    const native = part.dialect === "native";
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
    const { world, network, central, part } = this.#options;
    const { life } = process;
    if (life.over) return;
    life.over = true;
    if (process.connections > process.links) this.haunted = true;
    world.note(life.name, "is over");
    network.lifeEnded(life, "alone");
    this.#processes.delete(process);
    if (holdsDone(central.memory, part.agency)) this.#beyondHelp = true;
    if (this.told || this.#processes.size > 0 || this.retired) return;
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
        return this.#observedLink(link, central);
      },
    };
  }

  #observedLink(link: AgencyLink, central: CentralHost): AgencyLink {
    const { watch, part } = this.#options;
    const stored = (link.standing?.nextSequence ?? 1) - 1;
    if (stored > batchesOf(central.memory, part.agency)) {
      watch.report("lost", `agency ${part.agency} is told of ${stored} batches, not all durable`);
    }
    let { starts } = central;
    return {
      standing: link.standing,
      chainKnown: link.chainKnown,
      window: link.window,
      send: async (batch) => {
        const lines = Buffer.from(batch.lines);
        if (this.#sentBefore(lines)) {
          if (central.starts !== starts) this.outlived = true;
          if (this.#sockets.some(({ outbound }) => outbound.carries)) this.straggled = true;
        }
        ({ starts } = central);
        this.#note(lines, "none");
        const answer = await link.send(batch);
        this.#note(lines, heardOf(answer));
        if (answer.kind === "accepted" && !holdsLines(central.memory, lines)) {
          watch.report(
            "lost",
            `agency ${part.agency}: batch ${batch.sequence} is acknowledged, and a power cut now would lose it`,
          );
        }
        return answer;
      },
      sendSingle: (batch) => link.sendSingle(batch),
      done: async (claim) => {
        await link.done(claim);
        // In this dialect the question is also the DONE.
        if (part.dialect === "fixed70") return;
        this.#done = true;
        if (!holdsDone(central.memory, part.agency)) {
          watch.report("lost", `agency ${part.agency}: DONE is confirmed and not durable`);
        }
      },
      results: async () => {
        const results = await link.results();
        if (!holdsDraw(central.memory)) {
          watch.report(
            "early",
            `agency ${part.agency} knows its winners before the draw is durable`,
          );
        }
        return results;
      },
      close: () => link.close(),
    };
  }

  /** Whether a batch was sent before, by this process or another. */
  #sentBefore(lines: Buffer): boolean {
    return this.#batches.has(lines.toString("latin1"));
  }

  #note(lines: Buffer, answer: Heard): void {
    const key = lines.toString("latin1");
    const known = this.#batches.get(key);
    if (known === undefined) this.#batches.set(key, { lines, answer });
    else if (known.answer !== "acknowledged" && answer !== "none") known.answer = answer;
  }

  #hear(winners: readonly string[]): void {
    this.#done = true;
    const { watch, central, part } = this.#options;
    if (!central.drawLogged) {
      watch.report("early", `agency ${part.agency} was told winners, and no log tells of the draw`);
    }
    const before = this.#winners;
    this.#winners = winners;
    if (before === undefined || before.join() === winners.join()) return;
    watch.report("winners", `agency ${part.agency} was told two results`);
  }
}

function heardOf({ kind }: Answer): Heard {
  if (kind === "accepted") return "acknowledged";
  return kind === "rejected" ? "refused" : "none";
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
