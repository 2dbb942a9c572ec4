import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { parse } from "yaml";
import { root } from "../support/paths.ts";
import { POSIX_SHELLS } from "./posix-shells.ts";

// A project with the course's layout: the script, and next to it the files that are mounted.
const dir = mkdtempSync(join(tmpdir(), "quiniela-compose-"));
const script = join(dir, "generar-compose.sh");
copyFileSync(join(root, "generar-compose.sh"), script);
for (const path of ["server/config.ini", "client/config.yaml"]) {
  mkdirSync(join(dir, path, ".."));
  copyFileSync(join(root, path), join(dir, path));
}
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
  it("writes the content of docker-compose-dev.yaml for five clients", () => {
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

  it("mounts configuration and data, and sets no logging level", () => {
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

  it("gives each client another bet for MODE=bet", () => {
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
    it(`refuses ${wrong}, with a message on standard error`, () => {
      const { status, stdout, stderr } = generate(args, mode);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.notEqual(stderr, "");
      assert.ok(!readdirSync(dir).includes("a.yaml"));
    });
  }

  it("prints a help text", () => {
    const { status, stdout } = generate(["--help"]);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: generar-compose\.sh FILE N/);
  });

  it("replaces a file completely, and leaves nothing else behind", () => {
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

  it("writes a file whose name begins with a dash", () => {
    for (const name of ["-5.yaml", "--force", "-"]) {
      const { status, stderr } = generate([name, "0"]);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(readFileSync(join(dir, name), "utf8"), /^name: tp0\n/);
    }
  });

  for (const mode of [0o644, 0o600, 0o664, 0o755]) {
    it(`keeps the permissions ${mode.toString(8)} of the file that it replaces`, () => {
      const file = join(dir, "permissions.yaml");
      writeFileSync(file, "");
      chmodSync(file, mode);
      assert.equal(generate([file, "1"]).status, 0);
      assert.equal(statSync(file).mode & 0o777, mode);
    });
  }

  for (const [shell, ...first] of POSIX_SHELLS) {
    const name = [shell, ...first].join(" ");
    const run = (file: string, clients: number) =>
      spawnSync(shell, [...first, script, file, String(clients)], { cwd: dir, encoding: "utf8" });

    it(`writes the same file in ${name}`, () => {
      const file = join(dir, "shell.yaml");
      const { status, stderr } = run(file, 5);
      assert.deepEqual([status, stderr], [0, ""]);
      const expected = readFileSync(join(root, "docker-compose-dev.yaml"), "utf8");
      assert.equal(readFileSync(file, "utf8"), expected);
    });

    for (const [what, file] of [
      ["in a folder that is not there", join(dir, "nowhere", "a.yaml")],
      ["below a file", join(dir, "generar-compose.sh", "a.yaml")],
      ["in a folder that takes no files", "/proc/a.yaml"],
      ["in the place of a folder", join(dir, "server")],
      ["on a disk that is full", "/dev/full"],
    ] as const) {
      // Linux has these two.
      if (/^\/(proc|dev)\//.test(file) && !existsSync(dirname(file))) continue;
      it(`says in one line, in ${name}, that it cannot write ${what}`, () => {
        const { status, stdout, stderr } = run(file, 1);
        assert.deepEqual([status, stdout], [2, ""]);
        assert.match(stderr, /^generar-compose\.sh: Cannot write .*\n$/);
        assert.ok(stderr.includes(file), stderr);
      });
    }
  }

  for (const [clients, subnet] of [
    [252, "172.25.125.0/24"],
    [253, "172.25.112.0/20"],
    [4092, "172.25.112.0/20"],
    [4093, "172.25.0.0/16"],
    [65_532, "172.25.0.0/16"],
    [65_533, "172.24.0.0/15"],
  ] as const) {
    it(`gives ${clients} clients, the server and the gateway the subnet ${subnet}`, () => {
      const addresses = 2 ** (32 - Number(subnet.split("/")[1]));
      assert.ok(clients + 4 <= addresses);
      const file = join(dir, "many.yaml");
      const { status, stderr } = generate([file, String(clients)], "echo");
      assert.equal(status, 0);
      assert.equal(stderr.includes("1,023 containers"), clients > 1022);
      const text = readFileSync(file, "utf8");
      assert.match(text, new RegExp(`^ {8}- subnet: ${subnet}$`, "m"));
      assert.equal(text.match(/^ {2}client\d+:$/gm)?.length, clients);
    });
  }

  it("starts no process for each client", () => {
    const bin = join(dir, "bin");
    mkdirSync(bin);
    // The only programs that the script may start.
    for (const name of ["cp", "mv", "rm"]) symlinkSync(programOf(name), join(bin, name));
    const file = join(dir, "thousands.yaml");
    const run = spawnSync(programOf("sh"), [script, file, "5000"], { env: { PATH: bin } });
    assert.equal(run.status, 0, String(run.stderr));
    assert.ok(readFileSync(file, "utf8").includes("CLI_ID=5000\n"));
  });
});

describe("the mounts that generar-compose.sh writes", () => {
  for (const [where, file] of [
    ["beside the script", "here.yaml"],
    ["one folder below", "one/compose.yaml"],
    ["three folders below", "one/two/three/compose.yaml"],
    ["in another place, by a path to it", join(tmpdir(), "quiniela-elsewhere.yaml")],
  ] as const) {
    it(`lead to the project from a compose file ${where}`, (t) => {
      const path = resolve(dir, file);
      mkdirSync(dirname(path), { recursive: true });
      assert.equal(generate([file, "1"]).status, 0);
      if (!path.startsWith(dir)) t.after(() => rmSync(path));
      const { server, client1 } = (parse(readFileSync(path, "utf8")) as Compose).services;
      const [ini, yaml, data] = [...(server?.volumes ?? []), ...(client1?.volumes ?? [])].map(
        (volume) => resolve(dirname(path), volume.split(":")[0] ?? ""),
      );
      const real = realpathSync(dir);
      assert.deepEqual(
        [realpathSync(ini ?? ""), realpathSync(yaml ?? "")],
        [join(real, "server/config.ini"), join(real, "client/config.yaml")],
      );
      assert.equal(realpathSync(join(data ?? "", "../..")), real);
    });
  }

  it("stay in a folder that has its own project", () => {
    const own = join(dir, "own");
    mkdirSync(join(own, "server"), { recursive: true });
    writeFileSync(join(own, "server/config.ini"), "[DEFAULT]\n");
    assert.equal(generate([join(own, "compose.yaml"), "0"]).status, 0);
    assert.match(readFileSync(join(own, "compose.yaml"), "utf8"), / - \.\/server\/config\.ini:/);
  });

  it("are refused if the path has characters with a meaning for Compose", () => {
    const odd = join(dir, "it costs $5: much");
    mkdirSync(join(odd, "server"), { recursive: true });
    copyFileSync(script, join(odd, "generar-compose.sh"));
    writeFileSync(join(odd, "server/config.ini"), "[DEFAULT]\n");
    const run = (file: string) =>
      spawnSync("sh", [join(odd, "generar-compose.sh"), file, "1"], { encoding: "utf8" });
    assert.equal(run(join(odd, "compose.yaml")).status, 0);
    const elsewhere = join(dir, "elsewhere.yaml");
    rmSync(join(dir, "server/config.ini"));
    const { status, stderr } = run(elsewhere);
    copyFileSync(join(root, "server/config.ini"), join(dir, "server/config.ini"));
    assert.equal(status, 2);
    assert.match(stderr, /^generar-compose\.sh: Cannot write mounts from .*\n$/);
    assert.ok(!existsSync(elsewhere));
  });
});

function programOf(name: string): string {
  const { stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
  return stdout.trim();
}

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
