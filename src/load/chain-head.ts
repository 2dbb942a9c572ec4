import { nextHead } from "../lottery/chain.ts";
import { BATCH_OVERHEAD_BYTES } from "../protocols/dialects/native/wire.ts";
import type { Frames } from "./frames.ts";

/**
 * The head of an agency's chain after batches of `native`, computed from what is sent and not from what
 * the central says. Some microseconds a batch: not while anything is measured.
 *
 * @param head before the first batch
 * @param sequence of the first batch
 */
export function chainHead(
  frames: Frames,
  batches: number,
  { head, sequence }: { readonly head: Uint8Array; readonly sequence: number },
): Uint8Array {
  let after = head;
  let slot = frames.start;
  for (let index = 0; index < batches; index++) {
    const lines = frames.view(slot, slot).subarray(BATCH_OVERHEAD_BYTES);
    after = nextHead(after, sequence + index, frames.betsAt(slot), lines);
    slot = frames.after(slot, index + 1);
  }
  return after;
}
