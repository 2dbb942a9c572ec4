import { isUtf8 } from "node:buffer";
import { open, stat } from "node:fs/promises";
import { AgencyError } from "./agency-error.ts";
import { type Complaint, LONE_CR, NOT_UTF8, notUtf8But, rowError } from "./row.ts";
import { wideEncoding } from "./wide-encoding.ts";

const BLOCK_BYTES = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** Much longer than the row of any bet. It limits the memory that a file without line ends can take. */
export const LINE_BYTES_MAX = 64 * 1024;

const ENDLESS_LINE: Complaint = {
  flaw: { field: "line", reason: `is longer than ${LINE_BYTES_MAX} bytes` },
  advice: "is it a CSV file?",
};

/** An open file as the agency needs it. */
export interface DataHandle {
  /** Size of the file in bytes. */
  readonly size: number;
  /** Reads on from where the last read ended. @returns number of bytes read, 0 at the end */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** Opens a file: the agency's port to the file system. Errors have a `code` as Node's do. */
export type OpenData = (path: string) => Promise<DataHandle>;

/** Opens a file of this computer. */
export const openNodeData: OpenData = async (path) => {
  // Check first: open() would wait for the writer of a named pipe, and a pipe cannot be read twice to resume.
  const { size } = regular(path, await stat(path));
  const handle = await open(path);
  return {
    size,
    read: async (into) => (await handle.read(into, 0, into.length)).bytesRead,
    close: () => handle.close(),
  };
};

/** The agency's file, read once from its beginning. */
export class DataFile {
  readonly path: string;
  readonly bytes: number;
  #bytesRead = 0;
  readonly #handle: DataHandle;

  private constructor(path: string, handle: DataHandle) {
    this.path = path;
    this.bytes = handle.size;
    this.#handle = handle;
  }

  /** @throws AgencyError DATA_UNREADABLE */
  static async open(path: string, openData: OpenData = openNodeData): Promise<DataFile> {
    try {
      return new DataFile(path, await openData(path));
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * The file in blocks of whole lines, every block valid UTF-8. The reader may keep a block.
   *
   * @throws AgencyError as {@link lines}, and ROW_INVALID for bytes that are not UTF-8
   */
  async *blocks(): AsyncGenerator<Buffer> {
    let linesBefore = 0;
    for await (const block of this.lines()) {
      if (!isUtf8(block)) {
        const line = linesBefore + firstLineNotUtf8(block);
        throw rowError(this.path, line, NOT_UTF8);
      }
      linesBefore += countLines(block);
      yield block;
    }
  }

  /**
   * The file in blocks of whole lines with any bytes; only the last block may lack a line end. The reader may
   * keep a block.
   *
   * @throws AgencyError ROW_INVALID for lines that are too long and for a file in UTF-16 or UTF-32;
   * DATA_UNREADABLE
   */
  async *lines(): AsyncGenerator<Buffer> {
    let linesBefore = 0;
    let unfinished: Buffer = Buffer.alloc(0);
    for (let first = true; ; first = false) {
      const chunk = await this.#read();
      if (chunk.length === 0) break;
      const encoding = first ? wideEncoding(chunk) : undefined;
      if (encoding !== undefined) throw rowError(this.path, 1, notUtf8But(encoding));
      const end = chunk.lastIndexOf(LF) + 1;
      if (end === 0) {
        unfinished = Buffer.concat([unfinished, chunk]);
        if (unfinished.length > LINE_BYTES_MAX) {
          throw rowError(
            this.path,
            linesBefore + 1,
            unfinished.includes(CR) ? LONE_CR : ENDLESS_LINE,
          );
        }
        continue;
      }
      const block = Buffer.concat([unfinished, chunk.subarray(0, end)]);
      unfinished = chunk.subarray(end);
      linesBefore += countLines(block);
      yield block;
    }
    if (unfinished.length > 0) yield unfinished;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #read(): Promise<Buffer> {
    try {
      const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const bytesRead = await this.#handle.read(buffer);
      this.#bytesRead += bytesRead;
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }
}

/** The number of the block's first line, from 1, that is not UTF-8; there must be one. */
export function firstLineNotUtf8(block: Buffer): number {
  for (let line = 1, at = 0; ; line++) {
    const lf = block.indexOf(LF, at);
    const end = lf < 0 ? block.length : lf + 1;
    if (lf < 0 || !isUtf8(block.subarray(at, end))) return line;
    at = end;
  }
}

/** Number of line ends in the block. */
export function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(LF); at >= 0; at = block.indexOf(LF, at + 1)) lines++;
  return lines;
}

function regular<S extends { isFile(): boolean; isDirectory(): boolean }>(
  path: string,
  stats: S,
): S {
  if (stats.isFile()) return stats;
  const what = stats.isDirectory() ? "it is a directory" : "it is not a regular file";
  throw new AgencyError(
    "DATA_UNREADABLE",
    `Cannot read ${path}: ${what}; set data.file to a CSV file`,
  );
}

/** The error for a file that cannot be read: one line with the reason and with advice. */
export function unreadable(path: string, error: unknown): AgencyError {
  if (error instanceof AgencyError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const reason =
    code === "ENOENT" || code === "ENOTDIR"
      ? "there is no such file; put the agency's bets there or set data.file"
      : code === "EACCES" || code === "EPERM"
        ? "permission denied; make the file readable for the user that runs the agency"
        : error instanceof Error
          ? error.message
          : String(error);
  return new AgencyError("DATA_UNREADABLE", `Cannot read ${path}: ${reason}`, { cause: error });
}
