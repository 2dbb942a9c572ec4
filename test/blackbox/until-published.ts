import { existsSync, watch } from "node:fs";
import { join } from "node:path";

/** A watchdog, not a measure. */
const PATIENCE_MS = 30_000;

/**
 * Resolves when a draw's last file is there. A central writes its files behind the draw, and one that is
 * stopped meanwhile leaves them to the next start.
 */
export async function untilPublished(drawDir: string): Promise<void> {
  const file = join(drawDir, "seal.json");
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(watchdog);
      watcher.close();
      if (error === undefined) resolve();
      else reject(error);
    };
    const watchdog = setTimeout(() => settle(new Error(`Never seen: ${file}`)), PATIENCE_MS);
    // It watches before the first look: what comes between the two is not missed.
    const watcher = watch(drawDir, () => {
      if (existsSync(file)) settle();
    });
    watcher.on("error", settle);
    if (existsSync(file)) settle();
  });
}
