import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { Books } from "./books.ts";
import { CentralProcess } from "./central-process.ts";
import { SPOKEN } from "./dialogue.ts";
import { serveGoodAgencies } from "./good-agency.ts";
import { descriptorsMax, noReadings } from "./process-readings.ts";

export interface Stage {
  readonly central: CentralProcess;
  readonly books: Books;
}

export type Play = (stage: Stage) => Promise<string | undefined>;

export interface SameCentral {
  /**
   * Defines a test. After it the central has as many descriptors as at its start, and serves good
   * agencies.
   *
   * @param connections that the test has at the same time
   * @param play returns what to print
   */
  readonly played: (title: string, connections: number, play: Play) => void;
  /** Stops the central, for a look at what it has stored. */
  readonly stop: () => Promise<Stage>;
}

/**
 * One central for all tests of a `describe`.
 *
 * @param good dialects of the agencies that are served between the tests
 */
export function centralOf(
  settings: Readonly<Record<string, string>>,
  { good = SPOKEN }: { readonly good?: readonly string[] } = {},
): SameCentral {
  const books = new Books();
  let running: CentralProcess | undefined;
  const stage = (): Stage => {
    if (running === undefined) throw new Error("The central does not run");
    return { central: running, books };
  };
  before(async () => {
    running = await CentralProcess.start({ settings });
  });
  after(() => running?.close());
  return {
    played(title, connections, play) {
      it(title, { skip: tooFewFor(connections), timeout: PATIENCE_MS }, async (t) => {
        const { central } = stage();
        const note = await play(stage());
        if (note !== undefined) t.diagnostic(note);
        await central.untilAtBase();
        await serveGoodAgencies(central.port, books, good);
        await central.untilAtBase();
      });
    },
    async stop() {
      const { status } = await stage().central.stop(STOP_GRACE_MS);
      assert.equal(status, 0);
      return stage();
    },
  };
}

/** A watchdog: if a central never ended its abusers, they would go on for ever. */
const PATIENCE_MS = 300_000;

/** How long a stop takes is not what these tests are about. */
const STOP_GRACE_MS = 30_000;

/** Descriptors that a process needs besides those of connections. */
const OTHER_DESCRIPTORS = 100;

/** Why a test cannot have so many connections here. */
function tooFewFor(connections: number): string | false {
  const needed = connections + OTHER_DESCRIPTORS;
  const max = noReadings === undefined ? descriptorsMax() : needed;
  return max < needed && `it takes ${needed} open files, and the limit here is ${max}`;
}
