import { setTimeout as delay } from "node:timers/promises";

/** How often a state is checked that sends no event when it changes. */
const LOOK_EVERY_MS = 20;
/** A watchdog, not a measure: nothing here takes this long unless it hangs. */
const PATIENCE_MS = 60_000;

/** Waits for a state of another process that sends no event: descriptors, memory, a count of lines. */
export async function until(
  what: string,
  reached: () => boolean,
  describe: () => string = () => "",
): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!reached()) {
    if (performance.now() > endMs) throw new Error(`Never reached: ${what}. ${describe()}`);
    await delay(LOOK_EVERY_MS);
  }
}
