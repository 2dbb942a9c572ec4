import { existsSync, watch } from "node:fs";
import { join } from "node:path";

/** A watchdog, not a measure. */
const PATIENCE_MS = 30_000;

/**
 * Resolves when a draw's last file is there. A central writes its files after the draw, and leaves
 * them to the next start if it is stopped meanwhile.
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
    // The watch begins before the first look, so that no file between the two is missed.
    const watcher = watch(drawDir, () => {
      if (existsSync(file)) settle();
    });
    watcher.on("error", settle);
    if (existsSync(file)) settle();
  });
}
