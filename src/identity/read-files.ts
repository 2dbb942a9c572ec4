import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { ConfigError } from "../config/config-error.ts";
import { readSmallFile, unreadable } from "../config/config-file.ts";

/** A certificate, a key or a token has a few KiB; a list of revoked certificates may have many. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Permissions of group and others. */
const OTHERS = 0o077;

/** @throws ConfigError */
export function readPublicFile(path: string): string {
  expectFile(path);
  return readSmallFile(path, FILE_BYTES_MAX);
}

/** A pipe would hold up the whole central until somebody writes to it. @throws ConfigError */
function expectFile(path: string): void {
  let isReadable: boolean;
  try {
    const state = statSync(path);
    isReadable = state.isFile() || state.isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
  if (!isReadable) throw new ConfigError("CONFIG_UNREADABLE", [`${path}: is not a file`]);
}

/**
 * Reads a file with a secret. No error repeats anything of it.
 *
 * @throws ConfigError also when others than the owner may use the file
 */
export function readSecretFile(path: string): string {
  expectFile(path);
  let mode: number;
  let text: string;
  try {
    const fd = openSync(path, "r");
    try {
      const state = fstatSync(fd);
      ({ mode } = state);
      // A folder or a device must not be read to its end.
      text = state.isFile() && state.size <= FILE_BYTES_MAX ? readFileSync(fd, "utf8") : "";
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if ((mode & OTHERS) !== 0) {
    const permissions = (mode & 0o777).toString(8).padStart(3, "0");
    throw new ConfigError("CONFIG_INVALID", [
      `${path}: others than its owner may use it (permissions ${permissions}), and it has a secret; allowed: 600 or 400 (chmod 600 ${path})`,
    ]);
  }
  return text;
}

/**
 * Reads or checks something that a setting names.
 *
 * @param setting for the messages
 * @param problems gets what is wrong, so that all problems of all files are told together
 * @returns undefined when anything is wrong
 */
export async function tryFor<T>(
  setting: string,
  problems: string[],
  read: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems.map((problem) => `${setting}: ${problem}`));
    return undefined;
  }
}
