import { existsSync } from "node:fs";
import { watch } from "node:fs/promises";
import { join } from "node:path";

/** A watchdog, not a measure. */
const PATIENCE_MS = 30_000;

/**
 * Resolves when a draw's last file is there. A central writes its files behind the draw, and one that is
 * stopped meanwhile leaves them to the next start.
 */
export async function untilPublished(drawDir: string): Promise<void> {
  const published = (): boolean => existsSync(join(drawDir, "seal.json"));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const changes = watch(drawDir, { signal, persistent: false });
  if (published()) return;
  for await (const _ of changes) if (published()) return;
}
