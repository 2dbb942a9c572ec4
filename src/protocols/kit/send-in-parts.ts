import { PART_BYTES_MAX } from "../../limits.ts";
import type { Peer } from "../conversation.ts";

export type PartsPeer = Pick<Peer, "send" | "whenDrained">;

/**
 * Sends an answer: in one piece, unless it is longer than any network segment. Of a longer one each part is
 * sent after the part before has left: otherwise the peer would seem not to read. Pieces are only read when
 * they can be sent.
 *
 * @param pieces the answer's pieces, in order
 * @param signal aborts when the connection ends
 * @throws the signal's reason; errors of the pieces: then the answer ends in the middle
 */
export async function sendInParts(
  peer: PartsPeer,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  let part: Buffer = NOTHING;
  let used = 0;
  let parts = 0;
  const send = async (): Promise<void> => {
    if (parts > 0) await drained(peer, signal);
    signal.throwIfAborted();
    peer.send(part.subarray(0, used));
    parts++;
    // The part's bytes must not change any more.
    part = NOTHING;
    used = 0;
  };
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      if (used === PART_BYTES_MAX) await send();
      const bytes = Math.min(piece.length - at, PART_BYTES_MAX - used);
      part = withRoom(part, used, bytes);
      part.set(piece.subarray(at, at + bytes), used);
      used += bytes;
      at += bytes;
    }
    signal.throwIfAborted();
  }
  if (used > 0) await send();
}

/** Resolves when all sent bytes have left. @throws the signal's reason */
export function drained(peer: Pick<Peer, "whenDrained">, signal: AbortSignal): Promise<void> {
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

const NOTHING = Buffer.alloc(0);

function withRoom(part: Buffer, used: number, more: number): Buffer {
  if (used + more <= part.length) return part;
  const bytes = Math.min(PART_BYTES_MAX, Math.max(used + more, part.length * 2));
  const grown = Buffer.allocUnsafe(bytes);
  part.copy(grown, 0, 0, used);
  return grown;
}
