import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { root } from "../support/paths.ts";

/**
 * Takes the place of the client's image: makes as many files as it is told to, and records its
 * calls.
 */
const DOCKER = `#!/bin/sh
echo "$*" >>"$RECORD"
while [ $# -gt 0 ]; do
  case $1 in
    -v) out=\${2%%:*} ;;
    --agencies) agencies=$2 ;;
  esac
  shift
done
i=1
while [ "$i" -le "$agencies" ]; do
  echo "made up $i" >"$out/agency-$i.csv"
  i=$((i + 1))
done
`;

describe("compose-data.sh", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "quiniela-data-"));
    mkdirSync(join(dir, "bin"));
    mkdirSync(join(dir, "server"));
    writeFileSync(join(dir, "server/config.ini"), "[DEFAULT]\n");
    writeFileSync(join(dir, "bin/docker"), DOCKER);
    chmodSync(join(dir, "bin/docker"), 0o755);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const prepare = (clients: number, mode = "lottery", name = "compose.yaml"): string => {
    const file = join(dir, name);
    const script = join(dir, "generar-compose.sh");
    copyFileSync(join(root, "generar-compose.sh"), script);
    spawnSync("sh", [script, file, String(clients)], { env: { ...process.env, MODE: mode } });
    return file;
  };
  const fill = (composeFile: string) =>
    spawnSync("sh", [join(root, "scripts/compose-data.sh"), composeFile], {
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${join(dir, "bin")}:${process.env["PATH"]}`,
        RECORD: join(dir, "record"),
      },
    });
  const dataFile = (agency: number): string => join(dir, `.data/agency-${agency}.csv`);

  it("makes up bets for every agency of the compose file", () => {
    const { status, stderr } = fill(prepare(3));
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(join(dir, ".data")), [
      "agency-1.csv",
      "agency-2.csv",
      "agency-3.csv",
    ]);
    assert.match(readFileSync(join(dir, "record"), "utf8"), /client:latest generate --out \/out/);
  });

  it("puts the files where the mounts of a compose file in a subfolder expect them", () => {
    mkdirSync(join(dir, "years/2026"), { recursive: true });
    const { status, stderr } = fill(prepare(2, "lottery", "years/2026/compose.yaml"));
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(join(dir, ".data")), ["agency-1.csv", "agency-2.csv"]);
    assert.deepEqual(readdirSync(join(dir, "years/2026")), ["compose.yaml"]);
  });

  it("leaves existing files as they are, and makes the missing ones", () => {
    const compose = prepare(12);
    mkdirSync(join(dir, ".data"));
    writeFileSync(dataFile(2), "mine\n");
    assert.equal(fill(compose).status, 0);
    assert.equal(readFileSync(dataFile(2), "utf8"), "mine\n");
    assert.equal(readFileSync(dataFile(12), "utf8"), "made up 12\n");
    assert.equal(readdirSync(join(dir, ".data")).length, 12);
  });

  it("removes the empty folder that docker made in place of a missing file", () => {
    const compose = prepare(1);
    mkdirSync(dataFile(1), { recursive: true });
    assert.equal(fill(compose).status, 0);
    assert.equal(readFileSync(dataFile(1), "utf8"), "made up 1\n");
  });

  it("refuses a folder with content in place of a file", () => {
    const compose = prepare(1);
    mkdirSync(join(dataFile(1), "full"), { recursive: true });
    const { status, stderr } = fill(compose);
    assert.equal(status, 1);
    assert.match(stderr, /it is a folder/);
  });

  it("starts no program when no file is missing", () => {
    for (const compose of [prepare(0), prepare(2, "echo"), prepare(2, "bet")]) {
      assert.equal(fill(compose).status, 0);
    }
    const compose = prepare(1);
    mkdirSync(join(dir, ".data"));
    writeFileSync(dataFile(1), "mine\n");
    assert.equal(fill(compose).status, 0);
    assert.ok(!existsSync(join(dir, "record")));
  });
});
