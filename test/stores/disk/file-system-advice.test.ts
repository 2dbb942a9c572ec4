import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { withAdvice } from "../../../src/stores/disk/file-system-advice.ts";
import { whyNoInjection } from "../../fire/strace.ts";
import { root } from "../../support/paths.ts";
import { tempDir } from "../../support/temp-dir.ts";

const failed = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

describe("advice on file systems", () => {
  for (const code of ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EPERM", "EADDRNOTAVAIL"]) {
    it(`names those that work and those that do not, for ${code}`, () => {
      const advised = withAdvice(failed(code), "sync folders");
      assert.ok(advised instanceof Error && "code" in advised && advised.code === code);
      assert.match(
        advised.message,
        /it failed: .*may not sync folders.*vboxsf.*ext4.*Docker volume/,
      );
    });
  }

  it("is not given for errors that a good file system also has", () => {
    for (const error of [failed("EIO"), failed("ENOSPC"), failed("ENOENT"), "no error"]) {
      assert.equal(withAdvice(error, "sync folders"), error);
    }
  });
});

describe("a store on a file system that refuses what it needs", { skip: whyNoInjection() }, () => {
  const program = join(root, "dist", "test", "fire", "first-ack.js");
  for (const [call, error, what] of [
    ["fsync", "EINVAL", "sync folders"],
    ["fsync", "EOPNOTSUPP", "sync folders"],
    ["bind", "EPERM", "hold Unix-domain sockets"],
    ["bind", "EOPNOTSUPP", "hold Unix-domain sockets"],
  ] as const) {
    it(`is not opened, with advice, when ${call} fails with ${error}`, async (t) => {
      const dir = await tempDir(t);
      const inject = ["-f", "-o", "/dev/null", "-e", `trace=${call}`];
      const args = [...inject, "-e", `inject=${call}:error=${error}`, process.execPath, program];
      const { status, stderr } = spawnSync("strace", [...args, "ledger", dir, join(dir, "sign")], {
        encoding: "utf8",
      });
      assert.notEqual(status, 0);
      assert.match(stderr, /STORE_UNUSABLE/);
      assert.match(stderr, new RegExp(`may not ${what}.*keep the data on a local file system`));
    });
  }
});
