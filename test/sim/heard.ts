import type { AgencyLink, Answer } from "../../src/protocols/agency-link.ts";
import type { BatchEvidence, ClientEvidence } from "../checker/evidence.ts";
import type { Part } from "./cast.ts";
import type { CentralHost } from "./central-host.ts";
import type { CentralTime } from "./central-time.ts";
import type { DrawsWatch, KnownDraw } from "./draws-watch.ts";
import { batchesOf, holdsDone, holdsDraw, holdsLines, isClosedOut } from "./durable.ts";
import type { Watch } from "./watch.ts";

/** A connection of an agency's process, or a row of them that speak of one draw. */
export interface Talk {
  /** The event at which it was connected. */
  readonly since: number;
  /** The draw that it speaks of, once that is known: it must stay. */
  draw: string | undefined;
}

export interface HeardOptions {
  readonly watch: Watch;
  readonly central: CentralHost;
  readonly time: CentralTime;
  readonly draws: DrawsWatch;
  readonly known: readonly KnownDraw[];
  readonly part: Part;
}

type Heard = BatchEvidence["answer"];

interface Sent {
  readonly lines: Uint8Array;
  readonly answers: Map<string, Heard>;
  /** Draws whose time was over when it was sent the first time. */
  readonly after: ReadonlySet<string>;
}

/** A doubt of the clock lasts a minute, and a jump may be noticed late. */
const DOUBT_MS = 120_000;

/** What an agency has sent and was told, over all its processes, and in which draw. */
export class HeardByAgency {
  readonly #options: HeardOptions;
  readonly #batches = new Map<string, Sent>();
  /** Draws in which its DONE was confirmed. */
  readonly #done = new Set<string>();
  readonly #winners = new Map<string, readonly string[]>();
  /** Which draw the log of a process tells of. */
  readonly toldBy = new Map<string, string | undefined>();
  /** Draws that it may have meant when it sent bets. */
  readonly #meant = new Set<string>();
  #told = false;

  constructor(options: HeardOptions) {
    this.#options = options;
  }

  /** It has been told its winners. */
  get told(): boolean {
    return this.#told;
  }

  /** A DONE of it was confirmed. */
  get done(): boolean {
    return this.#done.size > 0;
  }

  /** The number of a stored batch of which every process must have the same. */
  get acknowledged(): number {
    const all = [...this.#batches.values()];
    return all.filter(({ answers }) => [...answers.values()].includes("acknowledged")).length;
  }

  /** Whether a batch was sent before, by this process or another. */
  sentBefore(lines: Buffer): boolean {
    return this.#batches.has(lines.toString("latin1"));
  }

  /** The draws that a connection may speak of. */
  possible({ since, draw }: Talk): string[] {
    const { part, draws, known } = this.#options;
    const only = draw ?? part.draw;
    if (only !== undefined) return [only];
    const currents = draws.currentsSince(since);
    return known.map(({ name }) => name).filter((name) => currents.has(name));
  }

  welcomed(talk: Talk, { standing, draw }: AgencyLink): void {
    const { watch, central, part } = this.#options;
    if (draw !== undefined) {
      if (!this.possible(talk).includes(draw.name)) {
        watch.report("current", `agency ${part.agency} is welcomed to draw ${draw.name}`);
      }
      talk.draw = draw.name;
    }
    const stored = (standing?.nextSequence ?? 1) - 1;
    if (talk.draw !== undefined && stored > batchesOf(central.memory, talk.draw, part.agency)) {
      watch.report("lost", `agency ${part.agency} is told of ${stored} batches, not all durable`);
    }
  }

  sends(talk: Talk, lines: Buffer): void {
    for (const draw of this.possible(talk)) this.#meant.add(draw);
    const key = lines.toString("latin1");
    if (this.#batches.has(key)) return;
    const { time, known } = this.#options;
    const earliestMs = time.earliestMs(DOUBT_MS);
    const after = known.filter(({ closesAtMs = Infinity }) => closesAtMs <= earliestMs);
    const names = after.map(({ name }) => name);
    this.#batches.set(key, { lines, answers: new Map(), after: new Set(names) });
  }

  answered(talk: Talk, lines: Buffer, { kind }: Answer, sequence: number): void {
    if (kind === "busy" || kind === "skipped") return;
    const possible = this.possible(talk);
    if (kind === "rejected") {
      const [draw, ...more] = possible;
      if (draw !== undefined && more.length === 0) this.#note(lines, draw, "refused");
      return;
    }
    const { watch, central, known, part } = this.#options;
    const what = `agency ${part.agency}: batch ${sequence}`;
    const stored = known
      .map(({ name }) => name)
      .filter((draw) => holdsLines(central.memory, draw, lines));
    if (stored.length === 0) {
      watch.report("lost", `${what} is acknowledged, and a power cut now would lose it`);
      return;
    }
    const [draw, ...more] = stored.filter((name) => possible.includes(name));
    if (draw === undefined) {
      const meant = possible.join(" or ") || "no draw";
      watch.report("current", `${what} is stored in draw ${stored.join()}, and means ${meant}`);
      return;
    }
    if (more.length > 0) return;
    if (part.draw === undefined) talk.draw = draw;
    this.#note(lines, draw, "acknowledged");
    if (this.#batches.get(lines.toString("latin1"))?.after.has(draw) === true) {
      watch.report("late", `${what} was sent after draw ${draw} had to close, and is acknowledged`);
    }
  }

  #note(lines: Buffer, draw: string, answer: Heard): void {
    const answers = this.#batches.get(lines.toString("latin1"))?.answers;
    if (answers?.get(draw) !== "acknowledged") answers?.set(draw, answer);
  }

  /** Its DONE was confirmed: it is stored, or the draw was closed without it and has what it claims. */
  doneConfirmed(talk: Talk): void {
    const { watch, central, part } = this.#options;
    const native = part.dialect === "native";
    const [draw, ...more] = this.possible(talk).filter(
      (name) =>
        holdsDone(central.memory, name, part.agency) ||
        (native && isClosedOut(central.memory, name, part.agency)),
    );
    if (draw === undefined) {
      watch.report("lost", `agency ${part.agency}: DONE is confirmed and not durable`);
    } else if (more.length === 0) {
      this.#done.add(draw);
    }
  }

  /** It was told winners: only after a draw that is durable. */
  expectDrawn(talk: Talk): void {
    const { watch, central, part } = this.#options;
    if (this.possible(talk).some((draw) => holdsDraw(central.memory, draw))) return;
    watch.report("early", `agency ${part.agency} knows its winners before the draw is durable`);
  }

  /** @param who the process that was told, for its log */
  hear(who: string, talk: Talk, winners: readonly string[]): void {
    const { watch, central, part } = this.#options;
    this.#told = true;
    const [draw, ...more] = this.possible(talk).filter((name) => central.logged.has(name));
    if (draw === undefined) {
      watch.report("early", `agency ${part.agency} was told winners, and no log tells of the draw`);
    }
    if (draw === undefined || more.length > 0) return;
    this.toldBy.set(who, draw);
    this.#done.add(draw);
    const before = this.#winners.get(draw);
    this.#winners.set(draw, winners);
    if (before === undefined || before.join() === winners.join()) return;
    watch.report("winners", `agency ${part.agency} was told two results`);
  }

  /** What the checker has to know of it in one draw. */
  evidence(draw: string, mayRepeat: boolean): Omit<ClientEvidence, "received"> {
    const { part } = this.#options;
    const { agency, documents, markers } = part;
    const order = new Map(documents.map((document, index) => [document, index]));
    const place = (lines: Uint8Array): number =>
      order.get(/,(\d{8}),/.exec(Buffer.from(lines).toString())?.[1] ?? "") ?? -1;
    return {
      agency,
      batches: [...this.#batches.values()]
        .toSorted((a, b) => place(a.lines) - place(b.lines))
        .map(({ lines, answers }) => ({ lines, answer: this.#answerIn(draw, answers, mayRepeat) })),
      done: this.#done.has(draw),
      winners: this.#winners.get(draw),
      markers,
      mayRepeat,
      wandered: part.dialect !== "native" && this.#meant.size > 1,
    };
  }

  /** A repetition that is not recognised is late after the close, although its batch is stored. */
  #answerIn(draw: string, answers: ReadonlyMap<string, Heard>, mayRepeat: boolean): Heard {
    const answer = answers.get(draw) ?? "none";
    const several = this.#options.known.length > 1;
    return several && mayRepeat && answer === "refused" ? "none" : answer;
  }
}
