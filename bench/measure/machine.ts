import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** The machine of a measurement: what one must know to compare figures of two runs. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Such as `Linux 6.18.4`. */
  readonly kernel: string;
  readonly disk: Disk;
  readonly node: string;
  /** Commit of the checkout, with a `+` when files differ from it; empty outside a repository. */
  readonly commit: string;
}

/** The disk of the measured files. Unknown texts are empty. */
export interface Disk {
  readonly device: string;
  readonly fileSystem: string;
  readonly options: string;
  /** `write back` means that a sync must empty the disk's own cache. */
  readonly writeCache: string;
}

/**
 * @param root the checkout
 * @param dir where the measured files are
 */
export function describeMachine(root: string, dir: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    disk: describeDisk(dir),
    node: process.version,
    commit: commitOf(root),
  };
}

function describeDisk(dir: string): Disk {
  const mounts = readOr("/proc/self/mounts", "");
  const mount = findMount(mounts, dir);
  const { dev } = statSync(dir);
  // Linux: major number in bits 8 to 19, minor in the others. A partition's queue is in the disk's folder.
  const block = `/sys/dev/block/${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const writeCache =
    readOr(`${block}/queue/write_cache`, "") || readOr(`${block}/../queue/write_cache`, "");
  return { ...mount, writeCache: writeCache.trim() };
}

/** The mount of a folder: the one with the longest path above it. */
export function findMount(mounts: string, dir: string): Omit<Disk, "writeCache"> {
  let found = { device: "", fileSystem: "", options: "" };
  let length = 0;
  for (const line of mounts.split("\n")) {
    const [device = "", path = "", fileSystem = "", options = ""] = line.split(" ");
    const above = path === "/" || dir === path || dir.startsWith(`${path}/`);
    // Of two mounts on the same path the later one hides the earlier.
    if (path === "" || !above || path.length < length) continue;
    found = { device, fileSystem, options };
    length = path.length;
  }
  return found;
}

function commitOf(root: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", ["-C", root, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    return git("rev-parse", "HEAD") + (git("status", "--porcelain", "-uno") === "" ? "" : "+");
  } catch {
    return "";
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
