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
 * Adds what to do to an error of a file system that refuses something which all those for data allow.
 *
 * @param what that something, such as `sync folders`
 * @returns the error itself when it says something else; its code stays
 */
export function withAdvice(error: unknown, what: string): unknown {
  const code = errorCode(error);
  if (!(error instanceof Error) || !NOT_HERE.has(code)) return error;
  const advice = `this file system may not ${what}, as ${BAD_PLACES} do not; keep the data on ${GOOD_PLACES}`;
  return Object.assign(new Error(`${error.message}: ${advice}`, { cause: error }), { code });
}
