import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { INI_CASES } from "../config/ini-cases.ts";
import { root } from "../support/paths.ts";
import { POSIX_SHELLS } from "./posix-shells.ts";

/**
 * Prints its container's environment, and answers with the address that it was asked to connect to.
 */
const DOCKER = `#!/bin/sh
case $1 in
  inspect) printf '%s\\n' PATH=/bin "$RUNNING" ;;
  run)
    cat >/dev/null
    while [ $# -gt 1 ]; do shift; done
    echo "$1" >"$ASKED"
    echo same
    ;;
esac
`;

/**
 * Like netcat, but it sends nothing and returns the bytes of $ANSWER, in which @ means the message.
 */
const NETCAT = `#!/bin/sh
message=$(cat)
printf "$(printf '%s' "$ANSWER" | sed "s/@/$message/")"
exit 0
`;

/** Runs the container's command on this machine. */
const DOCKER_HERE = `#!/bin/sh
[ "$1" = run ] || exit 1
shift 6
exec "$@"
`;

let dir = "";
before(() => {
  dir = mkdtempSync(join(tmpdir(), "quiniela-validar-"));
  mkdirSync(join(dir, "server"));
  copyFileSync(join(root, "validar-echo-server.sh"), join(dir, "validar-echo-server.sh"));
  program("looking/docker", DOCKER);
  program("playing/docker", DOCKER_HERE);
  program("playing/nc", NETCAT);
  program("playing/timeout", '#!/bin/sh\nshift\nexec "$@"\n');
});
after(() => rmSync(dir, { recursive: true }));

for (const [shell, ...first] of POSIX_SHELLS) {
  const run = (bin: string, env: Readonly<Record<string, string>>) =>
    spawnSync(shell, [...first, "validar-echo-server.sh"], {
      cwd: dir,
      encoding: "utf8",
      env: { PATH: `${join(dir, bin)}:${process.env["PATH"]}`, RUNNING: "", ...env },
    });
  const portOf = (text: string, env: Readonly<Record<string, string>> = {}) => {
    writeFileSync(join(dir, "server", "config.ini"), text);
    const asked = join(dir, "asked");
    rmSync(asked, { force: true });
    const { status, stdout, stderr } = run("looking", { ASKED: asked, ...env });
    if (status === 0) {
      assert.equal(stdout, "action: test_echo_server | result: success\n");
      return spawnSync("cat", [asked], { encoding: "utf8" }).stdout.trim();
    }
    assert.equal(stdout, "action: test_echo_server | result: fail\n");
    assert.match(stderr, /^validar-echo-server\.sh: .*\n$/);
    return "no port";
  };

  describe(`validar-echo-server.sh in ${[shell, ...first].join(" ")}`, () => {
    for (const { name, text, port } of INI_CASES) {
      // If the central refuses the file, nothing listens, so the port does not matter.
      if (port === "refused") continue;
      it(`reads the port of the central from a file with ${name}`, () => {
        assert.equal(Number(portOf(text)), port === "default" ? 12345 : port);
      });
    }

    it("fails with a message on standard error when the port is not valid", () => {
      for (const value of ["many", "21508 ; the usual", '"21508', "= 21508"]) {
        assert.equal(portOf(`[DEFAULT]\nSERVER_PORT = ${value}\n`), "no port");
      }
    });

    it("uses the port of the running server's environment before the port of the file", () => {
      const file = "[DEFAULT]\nSERVER_PORT = 1\n";
      assert.equal(portOf(file, { RUNNING: "SERVER_PORT=2" }), "2");
      assert.equal(portOf(file, { RUNNING: "SERVER_PORT=" }), "1");
      assert.equal(portOf(file, { RUNNING: "OTHER_SERVER_PORT=3" }), "1");
      assert.equal(portOf(file, { RUNNING: "SERVER_PORT=2", SERVER_PORT: "4" }), "4");
    });

    for (const [what, answer, same] of [
      ["the message", "@\\n", true],
      ["nothing", "", false],
      ["the message without its line end", "@", false],
      ["the message and another line end", "@\\n\\n", false],
      ["the message and a zero byte", "@\\000\\n", false],
      ["a zero byte and the message", "\\000@\\n", false],
      ["the message and a dot", "@\\n.", false],
      ["zeros alone", "\\000\\000", false],
    ] as const) {
      it(`${same ? "accepts" : "fails at"} an answer of ${what}`, () => {
        const { status, stdout } = run("playing", { ANSWER: answer, TIMEOUT: "1" });
        const result = same ? "success" : "fail";
        assert.equal(stdout, `action: test_echo_server | result: ${result}\n`);
        assert.equal(status, same ? 0 : 1);
      });
    }
  });
}

function program(name: string, source: string): void {
  mkdirSync(join(dir, name, ".."), { recursive: true });
  writeFileSync(join(dir, name), source);
  chmodSync(join(dir, name), 0o755);
}
