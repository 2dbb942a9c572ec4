import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "node:test";
import type { CentralEvent } from "../../src/events/central-event.ts";
import { builtAt } from "../../src/cli/build-stamp.ts";
import { limitConnections } from "../../src/cli/startup-checks.ts";
import { testLimits } from "../central/fixture.ts";
import { cli, root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";

function runCentral(dir: string, clock: readonly string[], ...options: readonly string[]) {
  const args = [...clock, cli, "central", "--port", "0", "--data-dir", dir, ...options];
  return spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
}

describe("a central that is started", () => {
  it("P8 does not start if a file of its draw was written in the future", async (t) => {
    const dir = await tempDir(t);
    mkdirSync(join(dir, "1"));
    const file = join(dir, "1", "draw.json");
    writeFileSync(file, "");
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(file, future, future);
    const { status, stderr, stdout } = runCentral(dir, []);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^quiniela: CLOCK_UNBELIEVABLE: .*the clock says .*draw\.json was written/,
    );
    assert.match(stderr, /touch .*draw\.json \(or start with SERVER_CLOCK=trust\)/);
    assert.doesNotMatch(stdout, /accept_connections/);
    // With a trusted clock it goes on to read the file, which is not a valid one.
    assert.match(runCentral(dir, [], "--clock", "trust").stderr, /LEDGER_CORRUPT/);
  });

  it("P8 does not start with a clock that is before its build", { skip: noStamp() }, async (t) => {
    const dir = await tempDir(t);
    const preload = join(dir, "clock.mjs");
    writeFileSync(
      preload,
      `const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...given) { super(...(given.length === 0 ? [Real.now() - 1e12] : given)); }
        static now() { return Real.now() - 1e12; }
      };`,
    );
    const data = join(dir, "data");
    const { status, stderr } = runCentral(data, ["--import", preload]);
    assert.equal(status, 1);
    assert.match(stderr, /^quiniela: CLOCK_UNBELIEVABLE: .*but this program was built at/);
  });

  it("P9 takes fewer connections if it may have few descriptors, and says so", async (t) => {
    const dir = await tempDir(t);
    // This machine does not have this address, so the central ends by itself after its checks.
    const central = `"${process.execPath}" "${cli}" central --bind 203.0.113.1 --data-dir "${dir}"`;
    const shell = ["-c", `ulimit -n 200 && exec ${central}`];
    const { stderr, stdout } = spawnSync("sh", shell, { encoding: "utf8" });
    assert.match(stderr, /ADDRESS_UNAVAILABLE/);
    const line =
      /WARNING .*limit_connections .*connections_max: (\d+) \| configured: 10000 .*200.*LimitNOFILE/;
    const [, connections] = line.exec(stdout) ?? [];
    assert.ok(Number(connections) >= 8 && Number(connections) <= 200 - 64, connections);
  });

  it("says in one line that it may not even open the files of its program", () => {
    const shell = ["-c", `ulimit -n 26 && exec "${process.execPath}" "${cli}" central`];
    const { status, stderr } = spawnSync("sh", shell, { encoding: "utf8" });
    assert.equal(status, 1);
    // Node 20 cannot load the program. Newer versions open fewer files, and come to the check of the start.
    assert.match(stderr, /^quiniela: (TOO_FEW_DESCRIPTORS: )?Cannot start: .*\(ulimit -n.*\)\n$/);
  });

  it("P9 does not start if it may have hardly any descriptors", () => {
    const events = { publish: () => assert.fail("nothing must be published") };
    assert.throws(() => limitConnections({ limits: testLimits }, events, 84, 20), {
      name: "CentralError",
      code: "TOO_FEW_DESCRIPTORS",
      message: /have 84 file descriptors, and it needs \d+ or more; raise the limit \(ulimit -n/,
    });
  });

  it("P9 leaves more descriptors to the stores where a timetable opens draws", () => {
    const taken: number[] = [];
    const events = {
      publish: (event: CentralEvent) => {
        if (event.kind === "connections-limited") taken.push(event.connectionsMax);
      },
    };
    const limits = { ...testLimits, connectionsMax: 10_000 };
    limitConnections({ limits, drawsFile: undefined }, events, 1024, 24);
    limitConnections({ limits, drawsFile: "draws.yaml" }, events, 1024, 24);
    assert.deepEqual(taken, [936, 744]);
  });

  it("has a build stamp, also in its images", () => {
    const { build, bundle } = (
      JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
      }
    ).scripts;
    assert.match(build ?? "", /node scripts\/build-stamp\.mjs && npm run bundle$/);
    assert.match(bundle ?? "", /node scripts\/build-stamp\.mjs dist\/bundle$/);
    for (const image of ["server", "client"]) {
      const dockerfile = readFileSync(join(root, image, "Dockerfile"), "utf8");
      assert.match(dockerfile, /COPY .*scripts\/build-stamp\.mjs/, image);
      assert.match(dockerfile, /npm run bundle/, image);
    }
  });
});

function noStamp(): string | false {
  return builtAt(new URL("../build.json", pathToFileURL(cli))) === undefined
    ? "compiled without a stamp: run npm run build"
    : false;
}
