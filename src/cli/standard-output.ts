import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type WinnersSink, winnersUnwritable } from "../agency/winners-sink.ts";
import { winnersText } from "../agency/winners-text.ts";
import type { BetFormat } from "../lottery/bet-text.ts";
import { isFull, neverBlocks } from "../log/descriptor.ts";

const STANDARD_OUTPUT_FD = 1;
/** How soon to try again when the pipe is full, in milliseconds. */
const RETRY_MS = 5;

/** Writes the winners to standard output. @param signal gives up when the reader does not read */
export function winnersToStandardOutput(format: BetFormat, signal: AbortSignal): WinnersSink {
  return {
    prepare: async () => undefined,
    async deliver(results) {
      try {
        for (const text of winnersText(results, format)) await write(Buffer.from(text), signal);
      } catch (error) {
        throw winnersUnwritable("standard output", error);
      }
    },
  };
}

/** Writes without Node's stream: a write that waits there would keep a stopped program running. */
async function write(bytes: Buffer, signal: AbortSignal): Promise<void> {
  neverBlocks(STANDARD_OUTPUT_FD);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(STANDARD_OUTPUT_FD, bytes, at);
    } catch (error) {
      if (!isFull(error)) throw error;
      await delay(RETRY_MS, undefined, { signal });
    }
  }
}
