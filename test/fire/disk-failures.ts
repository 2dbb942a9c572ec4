import type { Failure } from "./failing-disk.ts";

const WORDS = "CRITICAL action: stop \\| result: fail \\| error: STORE_FAILED: ";

/** The failures by the call that fails. */
export const FAILURES: Readonly<Record<string, Failure>> = {
  "the write of a flush (pwrite64 on O_DSYNC)": {
    call: "pwrite64",
    file: "00000001.seg",
    when: 20,
    says: new RegExp(`${WORDS}Cannot write .*00000001\\.seg at byte \\d+: EIO`),
  },
  "the very first flush": {
    call: "pwrite64",
    file: "00000001.seg",
    when: 1,
    says: new RegExp(`${WORDS}Cannot write .*00000001\\.seg at byte 32: EIO`),
  },
  "the write of a segment that is made ready": {
    call: "pwrite64",
    file: "00000002.seg.tmp",
    // It takes at least two writes, which are large while no segment is ready.
    when: 2,
    says: new RegExp(`${WORDS}Cannot prepare a segment: EIO`),
  },
  "the sync of bets.csv (fdatasync)": {
    call: "fdatasync",
    file: "bets.csv.tmp",
    when: 1,
    says: new RegExp(`${WORDS}Cannot write the draw's files: EIO`),
  },
  "the sync of seal.json (fdatasync)": {
    call: "fdatasync",
    file: "seal.json.tmp",
    when: 1,
    says: new RegExp(`${WORDS}Cannot write the draw's files: EIO`),
  },
  "the sync of a segment's name (fsync of the directory)": {
    call: "fsync",
    file: "",
    // The syncs before it are those of the directory itself, of draw.json, and of the first
    // segment.
    when: 4,
    says: new RegExp(`${WORDS}Cannot prepare a segment: EIO`),
  },
};
