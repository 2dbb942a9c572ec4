import assert from "node:assert/strict";
import type { Plan, Show, Stage } from "./stage.ts";
import { isWellFormed } from "./grader-line.ts";

/**
 * Opens a show, starts the plan's services, runs the scenario and closes. In the end every line of
 * the log must have its form.
 */
export async function perform(
  stage: Stage,
  plan: Plan,
  play: (show: Show) => Promise<void>,
): Promise<void> {
  await playAndClose(await stage.open(plan), async (show) => {
    await show.start(plan.services ?? show.services);
    await play(show);
  });
}

export async function playAndClose<S extends Show>(
  show: S,
  play: (show: S) => Promise<void>,
): Promise<void> {
  try {
    await play(show);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\nThe logs ended so:\n${show.feed.tail()}`, { cause: error });
  } finally {
    await show.close();
  }
  for (const seen of show.feed.sightings) {
    if (seen.kind === "line" && seen.line !== undefined) {
      assert.ok(isWellFormed(seen.source, seen.text), `${seen.source}: ${seen.text}`);
    }
  }
}

/** Checks that no operation has failed so far, on any side. */
export function assertNoFailure(show: Show): void {
  const failed = show.feed.lines().filter(({ result }) => result === "fail");
  assert.deepEqual(
    failed.map(({ source, message }) => `${source} | ${message}`),
    [],
  );
}

/**
 * Ends the server as `docker compose stop -t 1` does: it must end by itself, within the second,
 * with success.
 */
export async function stopServer(show: Show): Promise<void> {
  await show.stop(["server"], 1);
  assert.equal(await show.feed.untilExit("server"), 0);
}

export function clientNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `client${index + 1}`);
}
