import { errorCode } from "./disk.ts";

const NOT_HERE: ReadonlySet<string | undefined> = new Set([
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EPERM",
  "EADDRNOTAVAIL",
  "ENODEV",
]);

const GOOD_PLACES = "a local file system (ext4, xfs, btrfs, zfs, apfs) or a Docker volume";
const BAD_PLACES = "shared and network folders (vboxsf, 9p, drvfs, SMB, some NFS)";

/**
 * Adds advice to the error of a file system that cannot do what every file system for data can.
 *
 * @param what the thing that it cannot do, such as `sync folders`
 * @returns a new error with the advice and the same code; any other error as it is
 */
export function withAdvice(error: unknown, what: string): unknown {
  const code = errorCode(error);
  if (!(error instanceof Error) || !NOT_HERE.has(code)) return error;
  const advice = `this file system may not ${what}, as ${BAD_PLACES} do not; keep the data on ${GOOD_PLACES}`;
  return Object.assign(new Error(`${error.message}: ${advice}`, { cause: error }), { code });
}
