import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";

/** A client of the tests' own dialect, over a real socket. */
export interface TestPeer {
  readonly socket: Socket;
  write(text: string | Uint8Array): void;
  /** The next line of answer; rejects when the connection ends before. */
  line(): Promise<string>;
  /** So many lines of answer. */
  lines(count: number): Promise<string[]>;
  /** Resolves when the central has ended its side. */
  readonly ended: Promise<void>;
  /** Resolves when the connection is gone, in whatever way. */
  readonly closed: Promise<void>;
  /** Answers that the test has not taken with {@link line}. */
  readonly unread: string;
}

export async function connectPeer(
  port: number,
  options: { readonly localAddress?: string } = {},
): Promise<TestPeer> {
  const socket = createConnection({ host: "127.0.0.1", port, allowHalfOpen: true, ...options });
  let unread = "";
  let over = false;
  let wake: (() => void) | undefined;
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    unread += chunk.toString("utf8");
    wake?.();
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      wake?.();
      resolve();
    };
    socket.on("end", end);
    socket.on("close", end);
  });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await once(socket, "connect");

  async function line(): Promise<string> {
    for (;;) {
      const end = unread.indexOf("\n");
      if (end >= 0) {
        const text = unread.slice(0, end);
        unread = unread.slice(end + 1);
        return text;
      }
      if (over) throw new Error(`The connection has ended after ${JSON.stringify(unread)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    socket,
    write: (text) => void socket.write(text),
    line,
    async lines(count) {
      const texts: string[] = [];
      while (texts.length < count) texts.push(await line());
      return texts;
    },
    ended,
    closed,
    get unread() {
      return unread;
    },
  };
}

export function bet(agency: number, document: string, number = 1): Bet {
  return {
    agency: agency as AgencyId,
    firstName: "Santiago Lionel",
    lastName: "Lorca",
    document,
    birthdate: "1999-03-17",
    number,
  };
}

/** A BATCH command of the tests' dialect. */
export function batchOf(agency: number, sequence: number, bets: readonly Bet[]): Buffer {
  const lines = encodeLines(bets);
  const head = `BATCH ${agency} ${sequence} ${bets.length} ${lines.length}\n`;
  return Buffer.concat([Buffer.from(head), lines]);
}

/** A BET command of the tests' dialect. */
export function betOf(sequence: number, single: Bet): Buffer {
  const lines = encodeLines([single]);
  return Buffer.concat([Buffer.from(`BET ${single.agency} ${sequence} ${lines.length}\n`), lines]);
}
