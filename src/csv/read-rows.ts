import type { DiskFile } from "../store/disk.ts";
import { readFully } from "../store/disk-io.ts";

const CHUNK_BYTES = 256 * 1024;
const LF = 0x0a;

/**
 * Pieces of a file of rows, each of whole rows, up to `end`. A last row without its end is left out.
 * The bytes are the caller's.
 */
export async function* readRows(
  file: DiskFile,
  end: number,
  chunkBytes: number = CHUNK_BYTES,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < end; ) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, end - at));
    const read = await readFully(file, chunk, at);
    const whole = chunk.subarray(0, read).lastIndexOf(LF) + 1;
    if (whole === 0) return;
    yield chunk.subarray(0, whole);
    at += whole;
  }
}
