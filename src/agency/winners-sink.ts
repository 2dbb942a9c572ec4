import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { BetFormat } from "../lottery/bet-text.ts";
import type { LinkResults } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import { tryWriteWhole, writeWhole } from "./whole-file.ts";
import { winnersText } from "./winners-text.ts";

/** The place where an agency's winners go: a port. */
export interface WinnersSink {
  /**
   * Checks, before anything is sent, that winners can be delivered: a wrong path must be found now and not at
   * the draw.
   *
   * @throws AgencyError WINNERS_UNWRITABLE
   */
  prepare(): Promise<void>;
  /** Resolves when the winners are delivered durably. @throws AgencyError WINNERS_UNWRITABLE */
  deliver(results: LinkResults): Promise<void>;
}

export interface WinnersFileOptions {
  readonly path: string;
  readonly format: BetFormat;
  /** The file with the agency's bets: it must not be overwritten. */
  readonly dataFile: string;
}

/** Writes the winners to a file that appears whole, and is on stable storage. */
export function winnersFile({ path, format, dataFile }: WinnersFileOptions): WinnersSink {
  const target = resolve(path);
  return {
    async prepare() {
      try {
        await expectReplaceable(target, dataFile);
        await tryWriteWhole(target);
      } catch (error) {
        throw winnersUnwritable(path, error);
      }
    },
    async deliver(results) {
      try {
        await writeWhole(target, winnersText(results, format));
      } catch (error) {
        throw winnersUnwritable(path, error, "; run again: the central tells them again");
      }
    },
  };
}

/** Checks that an existing target is a regular file, and not the file of bets. */
async function expectReplaceable(path: string, dataFile: string): Promise<void> {
  if (/^\/(dev\/(stdout|stderr|fd\/)|proc\/)/.test(path)) {
    throw new Error("it is a stream of this process; for standard output set -");
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) throw new Error("it is a directory; set winners.file to a file's name");
  if (!found.isFile()) throw new Error("it is not a regular file; for standard output set -");
  const data = await stat(dataFile).catch(() => undefined);
  if (data !== undefined && data.ino === found.ino && data.dev === found.dev) {
    throw new Error("it is the file of bets; set winners.file to another");
  }
}

/** @param advice what to do, if the reason does not say it */
export function winnersUnwritable(path: string, error: unknown, advice = ""): AgencyError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const reason =
    code === "ENOENT" || code === "ENOTDIR"
      ? "there is no such folder; make it or set winners.file"
      : code === "EACCES" || code === "EPERM"
        ? "permission denied; let the user that runs the agency write in that folder"
        : error instanceof Error
          ? error.message
          : String(error);
  const message = `Cannot write the winners to ${path}: ${reason}${advice}`;
  return new AgencyError("WINNERS_UNWRITABLE", message, { cause: error });
}
