import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { filesBytes, growthOf, totalOf } from "../../bench/measure/disk-bytes.ts";
import { tempDir } from "../support/temp-dir.ts";

describe("bytes on disk", () => {
  it("are those of all files with the right ending, also in folders below", async (t) => {
    const dir = await tempDir(t);
    await mkdir(join(dir, "appendonlydir"));
    await writeFile(join(dir, "appendonlydir", "appendonly.aof.1.incr.aof"), "12345");
    await writeFile(join(dir, "appendonlydir", "appendonly.aof.manifest"), "123");
    await writeFile(join(dir, "appendonly.aof"), "12");
    assert.equal(filesBytes(dir, ".aof"), 7);
    assert.equal(filesBytes(dir, ".log"), 0);
  });

  it("grow separately for each kind, from 0 for a new kind", () => {
    const grown = growthOf({ log: 100, tables: 50 }, { log: 130, tables: 50, other: 5 });
    assert.deepEqual(grown, { log: 30, tables: 0, other: 5 });
    assert.equal(totalOf(grown), 35);
  });
});
