import { createHash, type Hash } from "node:crypto";
import type { Disk, DiskFile } from "../disk/disk.ts";
import { replaceFile, writeFully } from "../disk/disk-io.ts";
import { BETS_FILE, type FileDigest } from "../engine/seal-file.ts";

/** Bytes that are gathered before they are written. */
const WRITE_BYTES = 256 * 1024;

/**
 * Writes `bets.csv`: lines as they come, with bounded memory, whole or not at all.
 *
 * @param signal stops between two writes
 */
export async function writeBetsFile(
  disk: Disk,
  dir: string,
  lines: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<FileDigest> {
  return replaceFile(disk, dir, BETS_FILE, async (file) => {
    const writer = new LineWriter(file);
    for await (const chunk of lines) {
      signal.throwIfAborted();
      await writer.add(chunk);
    }
    return writer.end();
  });
}

class LineWriter {
  readonly #file: DiskFile;
  readonly #hash: Hash = createHash("sha256");
  readonly #buffer = Buffer.allocUnsafe(WRITE_BYTES);
  #used = 0;
  #written = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  async add(lines: Uint8Array): Promise<void> {
    if (this.#used + lines.length > WRITE_BYTES) await this.#flush();
    if (lines.length > WRITE_BYTES) {
      await this.#write(lines);
    } else {
      this.#buffer.set(lines, this.#used);
      this.#used += lines.length;
    }
  }

  async end(): Promise<FileDigest> {
    await this.#flush();
    return { sha256: this.#hash.digest("hex"), bytes: this.#written };
  }

  async #flush(): Promise<void> {
    await this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await writeFully(this.#file, bytes, this.#written);
    this.#written += bytes.length;
  }
}
