import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { ConfigError } from "./config-error.ts";

/** One value of a configuration file. */
export interface FileEntry {
  readonly key: string;
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** The values in a file, and the problems in it. */
export interface FileContent {
  readonly entries: readonly FileEntry[];
  readonly problems: readonly { readonly line: number; readonly what: string }[];
  /** The file's syntax is broken: its values must not be checked. */
  readonly broken?: true;
}

/**
 * @param path undefined for the file `byDefault`, which may be missing
 * @param read the bytes of the file, if the caller has read it
 * @returns undefined when there is no file
 * @throws ConfigError CONFIG_UNREADABLE
 */
export function readConfigFile(
  path: string | undefined,
  byDefault: string,
  read?: Uint8Array,
): { readonly path: string; readonly text: string } | undefined {
  const file = path ?? byDefault;
  try {
    return { path: file, text: decode(read ?? readFileSync(file)) };
  } catch (error) {
    if (codeOf(error) === "ENOENT" && path === undefined) return undefined;
    throw unreadable(file, error);
  }
}

/**
 * Reads a file that must exist.
 *
 * @param read the bytes of the file, if the caller has read it
 * @throws ConfigError CONFIG_UNREADABLE, also when the file has more than `bytesMax` bytes
 */
export function readSmallFile(file: string, bytesMax: number, read?: Uint8Array): string {
  try {
    const bytes = read ?? firstBytes(file, bytesMax + 1);
    if (bytes.length <= bytesMax) return decode(bytes);
  } catch (error) {
    throw unreadable(file, error);
  }
  const what = `it has more than ${bytesMax} bytes; allowed: ${bytesMax} or fewer`;
  throw new ConfigError("CONFIG_UNREADABLE", [`${file}: ${what}`]);
}

/** The file, or its beginning. */
function firstBytes(file: string, bytesMax: number): Uint8Array {
  const fd = openSync(file, "r");
  try {
    const bytes = new Uint8Array(bytesMax);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytesMax; length += read) {
      read = readSync(fd, bytes, length, bytesMax - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** The error for a file that cannot be read, from the system's error or the decoder's. */
export function unreadable(file: string, error: unknown): ConfigError {
  const code = codeOf(error);
  return new ConfigError("CONFIG_UNREADABLE", [`${file}: ${REASONS[code] ?? code}`], {
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder, not a file",
  ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
