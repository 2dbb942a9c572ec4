import * as fs from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { alignedBuffer, BLOCK_BYTES, isAligned, isWhole, wholeBlocks } from "./aligned-memory.ts";
import { type DiskFile, errorCode } from "./disk.ts";
import { readFully } from "./disk-io.ts";

/** Most bytes of unaligned memory in one write: more is written in parts. */
const STAGE_BYTES = 1024 * 1024;

type Written = (error: Error | undefined, written: number) => void;

/**
 * A file of zeros that is written from front to back, durably, past the page cache.
 *
 * The page cache costs more than the disk: 1.5 ms of CPU for a megabyte through fresh pages, against 0.15 ms
 * without them, and every byte of a segment is written twice. In return, writes must be whole blocks from
 * aligned memory. So the bytes are copied to such memory: after the bytes that the block has already, and
 * before the zeros that the file has there anyway.
 *
 * A block that gets its next bytes is written again as a whole, as the page cache would do: the bytes before
 * them do not change.
 */
export class DirectFile implements DiskFile {
  readonly path: string;
  readonly #plain: DiskFile;
  #direct: FileHandle | undefined;
  #stage: Buffer | undefined;
  /** The last block written: the next bytes go into it. `#blockAt` is where it begins, -1 for none. */
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #blockAt = -1;

  private constructor(plain: DiskFile, direct: FileHandle) {
    this.path = plain.path;
    this.#plain = plain;
    this.#direct = direct;
  }

  /**
   * @param plain the same file, open for reading and for durable writing; this object closes it
   * @returns `plain` itself for a file that is not made of whole blocks, and where the system or the file
   * system does not allow direct writes
   */
  static async over(plain: DiskFile): Promise<DiskFile> {
    const { O_DIRECT, O_DSYNC, O_WRONLY } = fs.constants;
    // Not every system has O_DIRECT.
    if (O_DIRECT === undefined) return plain;
    try {
      if (!isWhole(await plain.size())) return plain;
      return new DirectFile(plain, await open(plain.path, O_WRONLY | O_DSYNC | O_DIRECT));
    } catch (error) {
      if (errorCode(error) === "EINVAL") return plain;
      await plain.close();
      throw error;
    }
  }

  write(bytes: Uint8Array, position: number, done: Written): void {
    if (isAligned(bytes, position)) {
      this.#writeBlocks(bytes, position, done);
      return;
    }
    const lead = position % BLOCK_BYTES;
    if (lead === 0 || this.#blockAt === position - lead) this.#writeStaged(bytes, position, done);
    else void this.#writeAfterRead(bytes, position, done);
  }

  isNamed(): boolean {
    return this.#plain.isNamed();
  }

  size(): Promise<number> {
    return this.#plain.size();
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#plain.read(into, position);
  }

  sync(): Promise<void> {
    return this.#plain.sync();
  }

  truncate(bytes: number): Promise<void> {
    this.#blockAt = -1;
    return this.#plain.truncate(bytes);
  }

  async close(): Promise<void> {
    await this.#direct?.close();
    await this.#plain.close();
  }

  #writeStaged(bytes: Uint8Array, position: number, done: Written): void {
    const stage = (this.#stage ??= alignedBuffer(STAGE_BYTES));
    const lead = position % BLOCK_BYTES;
    const taken = Math.min(bytes.length, STAGE_BYTES - lead);
    const end = lead + taken;
    const staged = wholeBlocks(end);
    if (lead > 0) stage.set(this.#block.subarray(0, lead));
    stage.set(bytes.length === taken ? bytes : bytes.subarray(0, taken), lead);
    stage.fill(0, end, staged);
    this.#block.set(stage.subarray(staged - BLOCK_BYTES, staged));
    this.#blockAt = position - lead + staged - BLOCK_BYTES;
    this.#writeBlocks(stage.subarray(0, staged), position - lead, (error, written) => {
      done(error, Math.min(Math.max(written - lead, 0), taken));
    });
  }

  #writeBlocks(blocks: Uint8Array, position: number, done: Written): void {
    const direct = this.#direct;
    if (direct === undefined) {
      this.#plain.write(blocks, position, done);
      return;
    }
    fs.write(direct.fd, blocks, 0, blocks.length, position, (error, written) => {
      if (errorCode(error) === "EINVAL") void this.#giveUp(direct, blocks, position, done);
      else done(error ?? undefined, written);
    });
  }

  /** The first write after opening, in the middle of a block. */
  async #writeAfterRead(bytes: Uint8Array, position: number, done: Written): Promise<void> {
    const at = position - (position % BLOCK_BYTES);
    this.#blockAt = -1;
    try {
      const bytes = await readFully(this.#plain, this.#block, at);
      if (at + bytes < position) throw new Error(`${this.path} ends at byte ${at + bytes}`);
    } catch (error) {
      done(asError(error), 0);
      return;
    }
    this.#blockAt = at;
    this.#writeStaged(bytes, position, done);
  }

  /** The disk needs larger blocks, and wrote nothing: write through the page cache from now on. */
  async #giveUp(
    direct: FileHandle,
    blocks: Uint8Array,
    position: number,
    done: Written,
  ): Promise<void> {
    this.#direct = undefined;
    try {
      await direct.close();
    } catch (error) {
      done(asError(error), 0);
      return;
    }
    this.#plain.write(blocks, position, done);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
