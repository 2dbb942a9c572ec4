import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Books } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { dialogue, SPOKEN } from "./dialogue.ts";
import type { FrozenCrowd } from "./frozen-crowd.ts";
import { serveGoodAgencies } from "./good-agency.ts";

/** What one of the peers has sent when it freezes. */
interface LastWords {
  readonly bytes: Buffer;
  /** It waits for the draw, so it has no deadline. */
  readonly waits: boolean;
}

const program = join(dirname(fileURLToPath(import.meta.url)), "frozen-crowd.js");

/**
 * Stops (SIGSTOP) a process that has connections in all states. For the central these are peers
 * that do not read, write or close any more, like peers on a machine that is gone. The central ends
 * every one that has a deadline while they are still frozen, and serves good agencies.
 *
 * @param times connections of each state
 * @returns how many of the connections had no deadline
 */
export async function playFrozen(
  central: CentralProcess,
  books: Books,
  { times }: { readonly times: number },
): Promise<number> {
  const words = Array.from({ length: times }, () => lastWords(books)).flat();
  const waiting = words.filter(({ waits }) => waits).length;
  const child = fork(program, { stdio: "inherit" });
  try {
    await fill(child, {
      port: central.port,
      says: words.map(({ bytes }) => bytes.toString("base64")),
    });
    child.kill("SIGSTOP");
    await serveGoodAgencies(central.port, books, SPOKEN);
    await central.untilConnections(waiting);
    await serveGoodAgencies(central.port, books, SPOKEN);
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  await central.untilConnections(0);
  return waiting;
}

async function fill(child: ChildProcess, crowd: FrozenCrowd): Promise<void> {
  const ready = once(child, "message");
  child.send(crowd);
  await ready;
}

/** In every dialect: nothing, half of each message, and each message whole. */
function lastWords(books: Books): LastWords[] {
  const all: LastWords[] = [
    { bytes: Buffer.alloc(0), waits: false },
    { bytes: Buffer.from("no dialect at all"), waits: false },
  ];
  for (const dialect of SPOKEN) {
    const { steps } = dialogue(dialect, books);
    for (const [index, { name, bytes, answered }] of steps.entries()) {
      const whole = firstWords(dialect, books, index + 1);
      // An agency that is done waits for the draw, whatever else it has sent.
      const waits = answered === "by the draw" || (dialect === "native" && name === "done");
      all.push({ bytes: whole, waits });
      if (bytes.length < 2) continue;
      const cut = Math.ceil(bytes.length / 2);
      const said = firstWords(dialect, books, index + 1);
      all.push({ bytes: said.subarray(0, said.length - cut), waits: false });
    }
  }
  return all;
}

/**
 * Each time of another agency, because some dialects end an older connection of the same agency.
 */
function firstWords(dialect: string, books: Books, steps: number): Buffer {
  const said = dialogue(dialect, books).steps.slice(0, steps);
  return Buffer.concat(said.map(({ bytes }) => bytes));
}
