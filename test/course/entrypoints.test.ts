import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";

describe("the entrypoints of the course's compose files", () => {
  it("say for python3 in one line what to change, and do not run Python", () => {
    const script = join(root, "server/no-python.sh");
    const run = spawnSync("sh", [script, "/main.py"], { encoding: "utf8" });
    assert.equal(run.status, 127);
    assert.match(
      run.stderr,
      /^python3: Cannot run \/main\.py: .*entrypoint: python3 \/main\.py.*\n$/,
    );
  });

  it("say for /client in one line what to mount when nothing is mounted", (t) => {
    const run = spawnSync("sh", [join(root, "client/client.sh")], { encoding: "utf8" });
    if (run.status === 127) return t.skip("this machine has a /config.yaml");
    assert.equal(run.status, 2);
    assert.match(run.stderr, /^\/client: .*volumes: - \.\/client\/config\.yaml:\/config\.yaml\n$/);
  });

  it("are executable, because an image takes this over from the repository", () => {
    for (const script of ["server/no-python.sh", "client/client.sh"]) {
      assert.equal(statSync(join(root, script)).mode & 0o111, 0o111);
    }
  });

  it("are in the places where those compose files expect them", () => {
    assert.match(file("client/Dockerfile"), /^COPY client\/client\.sh \/client$/m);
    assert.match(
      file("server/Dockerfile"),
      /^COPY server\/no-python\.sh \/usr\/local\/bin\/python3$/m,
    );
  });
});

function file(name: string): string {
  return readFileSync(join(root, name), "utf8");
}
