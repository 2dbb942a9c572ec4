import { errorCode, isNoRoom } from "../stores/disk/disk.ts";
import { AgencyError } from "./agency-error.ts";

/**
 * The error when a file of receipts cannot be used.
 *
 * @param state what the failure means for the bets
 */
export function receiptsUnwritable(path: string, error: unknown, state: string): AgencyError {
  const message = `Cannot keep receipts in ${path}: ${reasonOf(error)}; ${state}`;
  return new AgencyError("RECEIPTS_UNWRITABLE", message, { cause: error });
}

function reasonOf(error: unknown): string {
  if (isNoRoom(error)) return "the disk is full; free space";
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such folder; make it or set receipts.file";
    case "EACCES":
    case "EROFS":
      return "permission denied; let the user that runs the agency write that file and in its folder";
    case "STORE_LOCKED":
      return "another agency has it open; give each agency a file of its own (receipts-{id}.csv)";
    case "STORE_LOST_LOCK":
      return "the lock beside the file was removed or replaced; see that no other agency writes there";
    case "STORE_UNUSABLE":
      // The lock failed for the system's reason.
      return reasonOf(error instanceof Error ? error.cause : undefined);
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
