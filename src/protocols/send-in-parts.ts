import type { Peer } from "./desk.ts";

/** No segment holds more; a network cuts what is larger anyway. */
export const PART_BYTES_MAX = 65_536;

/**
 * Sends an answer: in one piece, unless it is longer than any segment. A longer one leaves a part at a
 * time, lest it count as unread by its peer.
 *
 * @param bytes handed over
 * @param signal of the connection's end
 * @throws the signal's reason
 */
export async function sendInParts(
  peer: Pick<Peer, "send" | "whenDrained">,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += PART_BYTES_MAX) {
    if (at > 0) await drained(peer, signal);
    signal.throwIfAborted();
    peer.send(bytes.subarray(at, at + PART_BYTES_MAX));
  }
}

function drained(peer: Pick<Peer, "whenDrained">, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    peer.whenDrained(() => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
  });
}
