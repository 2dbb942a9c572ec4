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
 * What to do when a file system refuses something that all those for data allow.
 *
 * @param what that something, such as `sync folders`
 * @returns undefined when the error says something else
 */
export function fileSystemAdvice(error: unknown, what: string): string | undefined {
  if (!NOT_HERE.has(errorCode(error))) return undefined;
  return `this file system does not ${what}, as ${BAD_PLACES} do not; keep the data on ${GOOD_PLACES}`;
}
