import { BenchError } from "./bench-error.ts";
import type { Loaded } from "./prepare-lanes.ts";
import { plural } from "../lottery/plural.ts";

/** Connections that are being opened at the same time: fewer than a listener's queue holds. */
const CONNECTS_AT_ONCE = 100;

/**
 * Opens every connection, and greets where the dialect does.
 *
 * @param onProgress told how many are open by now, from 0 to 1 for all of them
 * @throws BenchError when one cannot be opened, or when its agency cannot be loaded as was asked
 */
export async function connectAll(
  loaded: readonly Loaded[],
  where: { readonly host: string; readonly port: number; readonly window: number },
  onProgress: (fraction: number) => void,
): Promise<void> {
  const waiting = loaded.values();
  let open = 0;
  const connectSome = async (): Promise<void> => {
    for (const own of waiting) {
      await connectOne(own, where);
      onProgress(++open / loaded.length);
    }
  };
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, connectSome));
}

async function connectOne(
  { lane, frames, agency }: Loaded,
  { host, port, window }: { readonly host: string; readonly port: number; readonly window: number },
): Promise<void> {
  try {
    await lane.connect();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw new BenchError(error.code, `Cannot load ${host}:${port}: ${error.message}`);
  }
  const { welcome } = lane;
  if (welcome === undefined) return;
  const unfit = (state: string): BenchError =>
    new BenchError("LOAD_FAILED", `Cannot load agency ${agency}: ${state}`);
  if (welcome.state !== "open") throw unfit(`the draw is ${welcome.state}`);
  if (welcome.done) throw unfit("it has said that it is done");
  if (welcome.window < window) {
    throw unfit(`the central allows ${plural(welcome.window, "unanswered batch")}, not ${window}`);
  }
  if (welcome.frameBytesMax < frames.bytesMost) {
    const most = `the central takes ${welcome.frameBytesMax} bytes at most`;
    throw unfit(`a batch has ${frames.bytesMost} bytes, ${most}`);
  }
}
