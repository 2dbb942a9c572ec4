import type { DiskFile } from "../disk/disk.ts";
import { readFully } from "../disk/disk-io.ts";
import { StoreError } from "../../store/store-error.ts";

const CHUNK_BYTES = 256 * 1024;
const LF = 0x0a;

/**
 * Reads a file of rows up to `end`, in pieces of whole rows. A last row without its line end is left out.
 * The bytes belong to the caller.
 *
 * @throws StoreError `LEDGER_CORRUPT` when the file has become shorter than `end`
 */
export async function* readRows(
  file: DiskFile,
  end: number,
  chunkBytes: number = CHUNK_BYTES,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < end; ) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, end - at));
    const read = await readFully(file, chunk, at);
    if (read < chunk.length) {
      throw new StoreError(
        "LEDGER_CORRUPT",
        `Cannot read ${file.path}: it has ${at + read} bytes, and had ${end} before; restore it from a copy`,
      );
    }
    const whole = chunk.lastIndexOf(LF) + 1;
    if (whole === 0) return;
    yield chunk.subarray(0, whole);
    at += whole;
  }
}
