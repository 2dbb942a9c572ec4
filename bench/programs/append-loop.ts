import { closeSync, constants, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { alignedBuffer, BLOCK_BYTES, wholeBlocks } from "../../src/stores/disk/aligned-memory.ts";
import { percentile } from "../report/statistics.ts";
import { tell } from "./child.ts";

// The disk's ceiling: append and sync, again and again, with nothing in between. It uses blocking calls,
// because the way through Node's thread pool costs more than the call itself.
//
// append-loop.js FILE zeroed|growing|direct GROUP_BYTES SECONDS
//
// direct: into zeros too, but past the page cache, in whole blocks, synced by the write itself.

const [path = "", how = "", groupText = "", secondsText = ""] = process.argv.slice(2);
const groupBytes = Number(groupText);
const seconds = Number(secondsText);

/** Size of the file of zeros, which is written again from its beginning after its end. */
const ZEROED_BYTES = 64 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

const file = openSync(path, flags());
if (how !== "growing") {
  const zeros = alignedBuffer(PIECE_BYTES);
  for (let at = 0; at < ZEROED_BYTES; at += PIECE_BYTES) writeAll(zeros, at);
  fdatasyncSync(file);
}
// One block more than the bytes need: a group rarely begins at a block's beginning.
const group = alignedBuffer(wholeBlocks(groupBytes) + BLOCK_BYTES);
group.fill("1,Santiago Lionel,Lorca,30904465,1999-03-17,7574\r\n");
appendFor(0.2);
if (how === "growing") ftruncateSync(file, 0);
const cpuBefore = process.cpuUsage();
const tookMs = appendFor(seconds);
const { user, system } = process.cpuUsage(cpuBefore);
closeSync(file);
const sorted = tookMs.toSorted((a, b) => a - b);
const elapsed = tookMs.reduce((sum, ms) => sum + ms, 0) / 1000;
tell({
  kind: "result",
  syncsPerSecond: tookMs.length / elapsed,
  bytesPerSecond: (tookMs.length * groupBytes) / elapsed,
  p50Ms: percentile(sorted, 0.5),
  p99Ms: percentile(sorted, 0.99),
  cpuUsPerSync: (user + system) / tookMs.length,
});

/** @returns how long each append took, in milliseconds */
function appendFor(seconds: number): number[] {
  const took: number[] = [];
  let at = 0;
  let now = performance.now();
  const end = now + seconds * 1000;
  while (now < end) {
    const before = now;
    if (how !== "growing" && at + groupBytes > ZEROED_BYTES) at = 0;
    append(at);
    at += groupBytes;
    now = performance.now();
    took.push(now - before);
  }
  return took;
}

function append(at: number): void {
  if (how === "direct") {
    const from = at - (at % BLOCK_BYTES);
    writeAll(group.subarray(0, wholeBlocks(at + groupBytes) - from), from);
  } else {
    writeAll(group.subarray(0, groupBytes), at);
    fdatasyncSync(file);
  }
}

function flags(): number {
  const { O_RDWR, O_CREAT, O_TRUNC, O_DSYNC, O_DIRECT } = constants;
  return O_RDWR | O_CREAT | O_TRUNC | (how === "direct" ? O_DSYNC | O_DIRECT : 0);
}

function writeAll(bytes: Buffer, at: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, at + written);
  }
}
