import type { Door } from "../../src/central/admitter.ts";
import type { Dialect, ServeContext, ServeLimits } from "../../src/protocols/dialect.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { Driven } from "./driven.ts";
import { FakePeer } from "./fake-peer.ts";
import { turn } from "./scripted-desk.ts";
import { SERVE_LIMITS, serveContext } from "./serve-context.ts";
import { WatchedDesk } from "./watched-desk.ts";

/** Turns without any progress after which a conversation waits for something else. */
const QUIET_TURNS = 5;

class SteppedPeer extends FakePeer {
  onProceed: () => void = () => undefined;

  override proceed(): void {
    super.proceed();
    this.onProceed();
  }
}

/** The central's side of one connection, between a desk and a fake peer. */
export class ServedPeer<D extends Door = Door> {
  readonly desk: D;
  readonly peer = new SteppedPeer();
  readonly conversation: Driven;

  constructor(
    dialect: Pick<Dialect, "serve">,
    desk: D,
    limits: Partial<ServeLimits> = {},
    others: Partial<Pick<ServeContext, "clock">> = {},
  ) {
    this.desk = desk;
    const context = { ...others, limits: { ...SERVE_LIMITS, ...limits } };
    this.conversation = new Driven(dialect.serve(serveContext(this.peer, desk, context)));
  }

  /** Gives the conversation chunks, here and now. @returns in how many steps they were handled */
  receive(...chunks: readonly (string | Uint8Array)[]): number {
    let count = 0;
    for (const bytes of chunks) {
      const chunk = Buffer.from(bytes as string);
      const steps = this.conversation.receive(chunk);
      while (steps.next().done !== true) count++;
      // What is kept must not be a view of the chunk.
      chunk.fill(0xee);
    }
    return count;
  }

  /** The connection is gone, or the central stops: as a session says so. */
  close(how: "closed" | "stopping" = "closed"): void {
    this.conversation[how]();
    this.peer.gone();
  }

  /** Whether the central has ended the connection. */
  get ended(): boolean {
    return this.peer.ends > 0;
  }

  /** Codes of what is reported of the peer: of a violation its own, else the kind. */
  get complaints(): string[] {
    return this.peer.events.map((event) =>
      event.kind === "protocol-violated" ? event.code : event.kind,
    );
  }
}

/**
 * The central's side of one connection, stepped through as a session does, in time that tests let pass.
 * What it says is shown as a test wants to see it.
 */
export class Served<Said = string[]> extends ServedPeer<WatchedDesk> {
  readonly #show: (answers: readonly Buffer[]) => Said;
  readonly #chunks: Buffer[] = [];
  #chunk: Buffer | undefined;
  #steps: Iterator<void> | undefined;
  #peerEnded = false;
  #progress = 0;

  /** @param show makes one answer of each write */
  constructor(
    dialect: Pick<Dialect, "serve">,
    show: (answers: readonly Buffer[]) => Said,
    desk: WatchedDesk,
    limits: Partial<ServeLimits> = {},
  ) {
    super(dialect, desk, limits, { clock: desk.clock });
    this.#show = show;
    this.peer.onProceed = () => this.#advance();
  }

  get clock(): FakeClock {
    return this.desk.clock;
  }

  /** Brings chunks, and waits until nothing happens any more. @returns what the central says to them */
  async say(...chunks: readonly (string | Uint8Array)[]): Promise<Said> {
    return this.#show(await this.bring(...chunks));
  }

  /** What the central has said since the last call, once nothing happens any more. */
  async answers(): Promise<Said> {
    return this.#show(await this.hear());
  }

  /** Lets time pass. */
  async wait(ms: number): Promise<Said> {
    this.clock.advance(ms);
    return this.answers();
  }

  /** The client ends its side. */
  async end(): Promise<Said> {
    this.#peerEnded = true;
    this.#advance();
    return this.answers();
  }

  /** As {@link say}, in bytes, one piece for each write. */
  async bring(...chunks: readonly (string | Uint8Array)[]): Promise<Buffer[]> {
    this.#chunks.push(...chunks.map((chunk) => Buffer.from(chunk as string)));
    this.#advance();
    return this.hear();
  }

  /** As {@link answers}, in bytes, one piece for each write. */
  async hear(): Promise<Buffer[]> {
    let quiet = 0;
    let progress = this.#progress;
    while (quiet < QUIET_TURNS) {
      await turn();
      quiet = progress === this.#progress ? quiet + 1 : 0;
      progress = this.#progress;
    }
    return this.peer.sent.splice(0);
  }

  #advance(): void {
    while (!this.ended && !this.conversation.mustWait) {
      this.#progress++;
      if (this.#steps?.next().done === false) continue;
      // What is kept must not be a view of the chunk: a session reads to the same memory again.
      this.#chunk?.fill(0xee);
      this.#steps = undefined;
      if (this.conversation.occupied) return;
      this.#chunk = this.#chunks.shift();
      if (this.#chunk === undefined) {
        if (this.#peerEnded) this.conversation.ended();
        return;
      }
      this.#steps = this.conversation.receive(this.#chunk);
    }
    if (this.#steps === undefined) return;
    this.conversation.retain();
    this.#chunk?.fill(0xee);
  }
}

/** Makes connections to a dialect: each call is one, to a draw of three of its own unless told otherwise. */
export function serving<Said>(
  dialect: Pick<Dialect, "serve">,
  show: (answers: readonly Buffer[]) => Said,
): (desk?: WatchedDesk, limits?: Partial<ServeLimits>) => Served<Said> {
  return (desk = new WatchedDesk(3), limits = {}) => new Served(dialect, show, desk, limits);
}

/** One text in hex for each write. */
export function inHex(answers: readonly Buffer[]): string[] {
  return answers.map((bytes) => bytes.toString("hex"));
}

/** One text for each write. */
export function asText(answers: readonly Buffer[]): string[] {
  return answers.map((bytes) => bytes.toString());
}

/** All that was written, as one text. */
export function joined(answers: readonly Buffer[]): string {
  return Buffer.concat(answers).toString();
}
