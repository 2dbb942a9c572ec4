import { readFileSync } from "node:fs";
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
    const bytes = read ?? readFileSync(file);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { path: file, text };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && path === undefined) return undefined;
    throw new ConfigError("CONFIG_UNREADABLE", [`${file}: ${REASONS[code] ?? code}`], {
      cause: error,
    });
  }
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
