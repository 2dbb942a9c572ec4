import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parse } from "yaml";
import { root } from "../support/paths.ts";

const script = join(root, "generar-compose.sh");
const dir = mkdtempSync(join(tmpdir(), "quiniela-compose-"));
after(() => rmSync(dir, { recursive: true }));

interface Service {
  readonly container_name: string;
  readonly image: string;
  readonly environment: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  readonly depends_on?: readonly string[];
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: unknown;
}

describe("generar-compose.sh", () => {
  it("gives what docker-compose-dev.yaml holds for five clients", () => {
    const file = join(dir, "five.yaml");
    assert.equal(generate([file, "5"]).status, 0);
    assert.equal(
      readFileSync(file, "utf8"),
      readFileSync(join(root, "docker-compose-dev.yaml"), "utf8"),
    );
  });

  for (const clients of [0, 1, 2, 30]) {
    it(`defines the server and ${clients} clients`, () => {
      const { name, services, networks } = compose(clients);
      assert.equal(name, "tp0");
      assert.deepEqual(Object.keys(services), [
        "server",
        ...Array.from({ length: clients }, (_, index) => `client${index + 1}`),
      ]);
      for (const [service, definition] of Object.entries(services)) {
        assert.equal(definition.container_name, service);
        assert.equal(definition.image, service === "server" ? "server:latest" : "client:latest");
        assert.deepEqual(definition.networks, ["testing_net"]);
        if (service !== "server") assert.deepEqual(definition.depends_on, ["server"]);
      }
      assert.deepEqual(networks, {
        testing_net: { ipam: { driver: "default", config: [{ subnet: "172.25.125.0/24" }] } },
      });
      assert.ok(services["server"]?.environment.includes(`SERVER_AGENCIES=${clients}`));
    });
  }

  it("mounts configuration and data, and fixes no logging level", () => {
    const { server, client2 } = compose(2).services;
    assert.deepEqual(server?.volumes, ["./server/config.ini:/config.ini:ro"]);
    assert.deepEqual(client2?.volumes, [
      "./client/config.yaml:/config.yaml:ro",
      "./.data/agency-2.csv:/.data/agency-2.csv:ro",
    ]);
    assert.deepEqual(client2?.environment, ["CLI_ID=2", "CLI_MODE=file"]);
    assert.doesNotMatch(JSON.stringify([server, client2]), /LOG/);
  });

  it("makes echo clients for MODE=echo, without bets", () => {
    const { server, client1 } = compose(1, "echo").services;
    assert.ok(server?.environment.includes("SERVER_MODE=echo"));
    assert.ok(client1?.environment.includes("CLI_MODE=echo"));
    assert.deepEqual(client1?.volumes, ["./client/config.yaml:/config.yaml:ro"]);
  });

  it("gives each client a bet of its own for MODE=bet", () => {
    const { services } = compose(7, "bet");
    const clients = Object.entries(services).filter(([name]) => name !== "server");
    const documents = clients.map(([, { environment }]) => {
      const bet = environment.filter((entry) => !entry.startsWith("CLI_"));
      assert.deepEqual(
        bet.map((entry) => entry.split("=")[0]),
        ["NOMBRE", "APELLIDO", "DOCUMENTO", "NACIMIENTO", "NUMERO"],
      );
      return bet[2];
    });
    assert.equal(new Set(documents).size, 7);
    assert.deepEqual(services["client1"]?.environment.slice(2), [
      "NOMBRE=Santiago Lionel",
      "APELLIDO=Lorca",
      "DOCUMENTO=30904465",
      "NACIMIENTO=1999-03-17",
      "NUMERO=7574",
    ]);
  });

  for (const [wrong, args, mode] of [
    ["no arguments", [], "lottery"],
    ["one argument", ["a.yaml"], "lottery"],
    ["three arguments", ["a.yaml", "1", "2"], "lottery"],
    ["an empty name", ["", "1"], "lottery"],
    ["no number", ["a.yaml", "five"], "lottery"],
    ["a negative number", ["a.yaml", "-1"], "lottery"],
    ["a fraction", ["a.yaml", "1.5"], "lottery"],
    ["a leading zero", ["a.yaml", "08"], "lottery"],
    ["more than will ever do", ["a.yaml", "100000"], "lottery"],
    ["an unknown mode", ["a.yaml", "1"], "dance"],
  ] as const) {
    it(`refuses ${wrong}, with a word to standard error`, () => {
      const { status, stdout, stderr } = generate(args, mode);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.notEqual(stderr, "");
      assert.ok(!readdirSync(dir).includes("a.yaml"));
    });
  }

  it("explains itself", () => {
    const { status, stdout } = generate(["--help"]);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: generar-compose\.sh FILE N/);
  });

  it("replaces a file whole, and leaves nothing else behind", () => {
    const file = join(dir, "a name with spaces.yaml");
    writeFileSync(file, "something else, and longer\n".repeat(1000));
    const before = readdirSync(dir);
    assert.equal(generate([file, "0"]).status, 0);
    assert.match(readFileSync(file, "utf8"), /^name: tp0\n/);
    assert.deepEqual(readdirSync(dir), before);
  });

  it("writes through a link", () => {
    const [target, link] = [join(dir, "target.yaml"), join(dir, "link.yaml")];
    symlinkSync(target, link);
    assert.equal(generate([link, "0"]).status, 0);
    assert.match(readFileSync(target, "utf8"), /^name: tp0\n/);
    assert.ok(lstatSync(link).isSymbolicLink());
  });

  it("fails where it cannot write", () => {
    const { status, stderr } = generate([join(dir, "nowhere", "a.yaml"), "1"]);
    assert.notEqual(status, 0);
    assert.notEqual(stderr, "");
  });
});

function generate(args: readonly string[], mode?: string) {
  return spawnSync("sh", [script, ...args], {
    cwd: dir,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...(mode === undefined ? {} : { MODE: mode }) },
  });
}

function compose(clients: number, mode?: string): Compose {
  const file = join(dir, `${mode ?? "default"}-${clients}.yaml`);
  const { status, stderr } = generate([file, String(clients)], mode);
  assert.equal(status, 0, stderr);
  return parse(readFileSync(file, "utf8")) as Compose;
}
