import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";
import { whyNoInjection } from "./strace.ts";

const PROGRAM = join(root, "dist", "test", "fire", "first-ack.js");
/** Calls that give names to files and folders, and the call that makes names durable. */
const CALLS = "trace=?mkdir,?mkdirat,?rename,?renameat,?renameat2,openat,fsync";

/** One of those calls that went well. */
interface Call {
  readonly kind: "names" | "syncs";
  /** The name that was given, or the folder that was synced. */
  readonly path: string;
}

function callsIn(trace: string): Call[] {
  const calls: Call[] = [];
  for (const line of wholeLines(trace)) {
    const [, call = "", args = "", result] = /(\w+)\((.*)\)\s+= (\d+)/.exec(line) ?? [];
    if (result === undefined) continue;
    if (call === "fsync") {
      const [, path = ""] = /<(.*)>/.exec(args) ?? [];
      calls.push({ kind: "syncs", path });
    } else if (call !== "openat" || args.includes("O_CREAT")) {
      const path = [...args.matchAll(/"([^"]*)"/g)].at(-1)?.[1] ?? "";
      calls.push({ kind: "names", path });
    }
  }
  return calls;
}

/** A call that another thread's call interrupted is recorded in two pieces. */
function* wholeLines(trace: string): Generator<string> {
  const begun = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, pid = "", text = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const unfinished = text.indexOf(" <unfinished ...>");
    const [resumed] = /^<\.\.\. \w+ resumed>/.exec(text) ?? [];
    if (unfinished >= 0) begun.set(pid, text.slice(0, unfinished));
    else if (resumed === undefined) yield text;
    else yield `${begun.get(pid) ?? ""}${text.slice(resumed.length)}`;
  }
}

describe("P1 confirmed bets can be found after a power cut", { skip: whyNoInjection() }, () => {
  for (const [store, expected] of [
    ["ledger", ["store/1", "draw.json", "00000001.seg"]],
    ["csv", ["store/bets.csv"]],
  ] as const) {
    it(`because the ${store} store syncs every folder with a new name before it confirms`, async (t) => {
      const dir = await tempDir(t);
      const sign = join(dir, "confirmed");
      const log = join(dir, "trace");
      const run = ["-f", "-y", "-s", "4096", "-e", CALLS, "-o", log, process.execPath, PROGRAM];
      const args = [...run, store, dir, sign];
      const { status, stderr } = spawnSync("strace", args, { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const calls = callsIn(readFileSync(log, "utf8"));
      const confirmed = calls.findIndex(({ path }) => path === sign);
      assert.ok(confirmed > 0, "the batch was confirmed");
      const before = calls.slice(0, confirmed);
      // Names that are removed or changed before that, and the lock, need not be durable.
      const lasting = before.filter(
        ({ kind, path }) =>
          kind === "names" && path.startsWith(`${dir}/made`) && !/\.tmp$|lock/.test(path),
      );
      for (const name of [...expected, "made", "made/by", "made/by/the", "the/store"]) {
        assert.ok(
          lasting.some(({ path }) => path.endsWith(`/${name}`)),
          `${name} was made`,
        );
      }
      for (const { path } of lasting) {
        const named = before.findLastIndex((call) => call.kind === "names" && call.path === path);
        const synced = before.findLastIndex(
          (call) => call.kind === "syncs" && call.path === dirname(path),
        );
        assert.ok(synced > named, `${dirname(path)} was synced after ${path} was made`);
      }
    });
  }
});
