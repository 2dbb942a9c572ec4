import { basename, dirname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { syncFolder } from "../durable-file.ts";
import type { AgencyId } from "../lottery/bet.ts";
import { formatReceipt, parseReceipts, type Receipt, RECEIPTS_HEADER } from "../lottery/receipt.ts";
import { lockDirectory, type DirectoryLock } from "../stores/disk/directory-lock.ts";
import { type Disk, type DiskFile, errorCode } from "../stores/disk/disk.ts";
import { readFully, writeFully } from "../stores/disk/disk-io.ts";
import { nodeDisk } from "../stores/disk/node-disk.ts";
import type { Lock } from "../stores/disk/open-directory.ts";
import { AgencyError } from "./agency-error.ts";
import { expectOwnFile, type ReceiptsFileOptions, receiptsTarget } from "./receipts-place.ts";
import { receiptsUnwritable } from "./receipts-unwritable.ts";

/** Keeps the receipts of an agency's batches: a port. */
export interface ReceiptBook {
  /** How many receipts it has: those of batches 1, 2, 3 and so on. */
  readonly count: number;
  /** The draw of these receipts; undefined when there are none. */
  readonly draw: string | undefined;
  /**
   * Takes up what earlier runs have kept, before anything is sent. Nobody else can open the book until it is
   * closed.
   *
   * @returns how many bytes were cut off because they were never whole receipts
   * @throws AgencyError RECEIPTS_UNWRITABLE, RECEIPTS_DIFFER; the signal's reason
   */
  open(agency: AgencyId, signal: AbortSignal): Promise<number>;
  /**
   * The central has confirmed these batches, each the next one or one that has its receipt: then both are
   * compared. All receipts are on stable storage when this resolves, and only then the batches count as sent.
   *
   * @throws AgencyError RECEIPTS_UNWRITABLE, RECEIPTS_DIFFER; the signal's reason
   */
  keep(receipts: readonly Receipt[], signal: AbortSignal): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What a file of receipts needs of the system. */
export interface ReceiptsSystem {
  /** [the real file system] */
  readonly disk?: Disk;
  /** [a lock that every process of the machine sees] */
  readonly lock?: Lock;
}

/** Keeps receipts in a file, one line each. */
export function receiptsFile(
  options: ReceiptsFileOptions,
  system: ReceiptsSystem = {},
): ReceiptBook {
  return new ReceiptsFile(options, system);
}

/** So many receipts are compared or written before other work gets its turn. */
const TURN_RECEIPTS = 4096;

interface OpenFile {
  readonly file: DiskFile;
  readonly lock: DirectoryLock;
}

class ReceiptsFile implements ReceiptBook {
  readonly #place: ReceiptsFileOptions;
  readonly #disk: Disk;
  readonly #lock: Lock;
  #open: OpenFile | undefined;
  /** The lines of the file, without the header. */
  #lines: string[] = [];
  #draw: string | undefined;
  /** Bytes of the file up to the end of the last receipt. */
  #bytes = 0;

  constructor(
    place: ReceiptsFileOptions,
    { disk = nodeDisk, lock = lockDirectory }: ReceiptsSystem,
  ) {
    this.#place = place;
    this.#disk = disk;
    this.#lock = lock;
  }

  get count(): number {
    return this.#lines.length;
  }

  get draw(): string | undefined {
    return this.#draw;
  }

  async open(agency: AgencyId, signal: AbortSignal): Promise<number> {
    await this.close();
    this.#lines = [];
    this.#draw = undefined;
    this.#bytes = 0;
    try {
      const target = await receiptsTarget(this.#place);
      // Before the file: an agency that does not get the lock must not touch it.
      const lock = await this.#lock(dirname(target), `${basename(target)}.lock`, { signal });
      try {
        const file = await this.#openFile(target);
        this.#open = { file, lock };
        // Where case makes no difference, a name that looks like another one may be that file.
        await expectOwnFile(target, this.#place);
        return await this.#takeUp(file, agency);
      } catch (error) {
        if (this.#open === undefined) await lock.release();
        else await this.close();
        throw error;
      }
    } catch (error) {
      throw this.#told(error, signal, "nothing was sent");
    }
  }

  async keep(receipts: readonly Receipt[], signal: AbortSignal): Promise<void> {
    const open = this.#open;
    if (open === undefined) throw new RangeError("Cannot keep receipts: the book is not open");
    const lines = await this.#linesToAdd(receipts, signal);
    if (lines.length === 0) return;
    try {
      await this.#append(open, lines, signal);
    } catch (error) {
      await this.#takeBack(open);
      throw this.#told(
        error,
        signal,
        "the central has confirmed batches that have no receipt; run again, and they get it",
      );
    }
    for (const line of lines) {
      this.#lines.push(line);
      this.#bytes += line.length;
    }
    this.#draw ??= receipts[0]?.draw;
  }

  /**
   * What may not have reached the disk must not look kept to the next run. But whoever has taken the lock since then may
   * have written here.
   */
  async #takeBack({ file, lock }: OpenFile): Promise<void> {
    try {
      lock.check();
      await file.truncate(this.#bytes);
    } catch {
      // The error that led here is the one to tell.
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.file.close();
    await open?.lock.release();
  }

  async #openFile(target: string): Promise<DiskFile> {
    try {
      return await this.#disk.open(target, { mode: "write" });
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      return this.#disk.open(target, { mode: "create" });
    }
  }

  async #takeUp(file: DiskFile, agency: AgencyId): Promise<number> {
    const bytes = Buffer.alloc(await file.size());
    const text = bytes.toString("latin1", 0, await readFully(file, bytes, 0));
    const parsed = parseReceipts(text);
    if ("reason" in parsed) {
      throw this.#differ(`line ${parsed.line} ${parsed.reason}; set receipts.file to another file`);
    }
    const { receipts, wholeBytes } = parsed;
    const [first] = receipts;
    if (first !== undefined && first.agency !== agency) {
      throw this.#differ(
        `they are of agency ${first.agency}, and this is agency ${agency}; set receipts.file to another file`,
      );
    }
    await file.truncate(wholeBytes);
    this.#bytes = wholeBytes;
    if (wholeBytes === 0) {
      await writeFully(file, Buffer.from(RECEIPTS_HEADER), 0);
      this.#bytes = RECEIPTS_HEADER.length;
    }
    // An earlier run may have been killed between its write and its sync, or before the file's name lasted.
    await file.sync();
    await syncFolder(dirname(file.path), (path) => this.#disk.syncDir(path));
    this.#lines = receipts.map(formatReceipt);
    this.#draw = first?.draw;
    return wholeBytes === 0 ? 0 : text.length - wholeBytes;
  }

  /** Compares receipts that are there already. @returns the lines of the others */
  async #linesToAdd(receipts: readonly Receipt[], signal: AbortSignal): Promise<string[]> {
    const lines: string[] = [];
    for (const [index, receipt] of receipts.entries()) {
      if (index > 0 && index % TURN_RECEIPTS === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
      const line = formatReceipt(receipt);
      const kept = this.#lines[receipt.sequence - 1];
      if (kept === line) continue;
      if (kept !== undefined) throw this.#differ(differenceOf(receipt, kept, line));
      const next = this.#lines.length + lines.length + 1;
      if (receipt.sequence !== next) {
        throw new RangeError(`Cannot keep receipt ${receipt.sequence}: the next one is ${next}`);
      }
      lines.push(line);
    }
    return lines;
  }

  async #append({ file, lock }: OpenFile, lines: readonly string[], signal: AbortSignal) {
    lock.check();
    let at = this.#bytes;
    for (let from = 0; from < lines.length; from += TURN_RECEIPTS) {
      signal.throwIfAborted();
      const bytes = Buffer.from(lines.slice(from, from + TURN_RECEIPTS).join(""));
      await writeFully(file, bytes, at);
      at += bytes.length;
    }
    await file.sync();
    if (!file.isNamed()) throw new Error("the file was removed or replaced");
  }

  #differ(reason: string): AgencyError {
    const { path } = this.#place;
    return new AgencyError("RECEIPTS_DIFFER", `Cannot keep receipts in ${path}: ${reason}`);
  }

  #told(error: unknown, { aborted }: AbortSignal, state: string): unknown {
    if (error instanceof AgencyError || aborted) return error;
    return receiptsUnwritable(this.#place.path, error, state);
  }
}

function differenceOf({ sequence, draw }: Receipt, kept: string, confirmed: string): string {
  return `for batch ${sequence} of draw ${draw} it has ${kept.trimEnd()}, and the central holds ${confirmed.trimEnd()}; if the central has changed bets, keep this file: it says which; otherwise restore the file of bets and the batch size of the earlier run, or set receipts.file to another file`;
}
