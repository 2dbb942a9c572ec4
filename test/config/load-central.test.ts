import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { loadCentralConfig } from "../../src/config/load-central.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { central, DIALECTS, problemsOf } from "./load-support.ts";

describe("a central's configuration", () => {
  it("has the same default limits as a central without a configuration", (t) => {
    assert.deepEqual(central(t, {}).limits, DEFAULT_LIMITS);
  });

  it("has a default for everything", (t) => {
    assert.deepEqual(central(t, {}), {
      port: 12345,
      serverIp: "server",
      bindAddress: "0.0.0.0",
      listenBacklog: 511,
      loggingLevel: "info",
      loggingLevelText: "INFO",
      logFormat: "text",
      mode: "lottery",
      agencies: 5,
      store: "ledger",
      dataDir: "./data",
      draw: "1",
      drawsFile: undefined,
      closesAtMs: undefined,
      secondOperator: false,
      dialects: DIALECTS,
      winningNumber: 7574,
      replay: "detect",
      drawMarginMs: 50,
      clock: "check",
      identity: undefined,
      limits: {
        frameBytesMax: 8192,
        courseFrameBytesMax: 131072,
        headerTimeoutMs: 10_000,
        frameTimeoutMs: 30_000,
        idleTimeoutMs: 300_000,
        peerBufferBytesMax: 1024 * 1024,
        connectionsMax: 10_000,
        connectionsPerAddressMax: 0,
        refusedMax: 10_000,
        waitingPerAgencyMax: 16,
        halfClosedPerAgencyMax: 4,
        halfClosedMax: 1000,
        stopGraceMs: 300,
      },
    });
  });

  it("has agencies prove who they are, over a port and with files of their own", (t) => {
    const file = `[DEFAULT]
SERVER_IDENTITY = on
SERVER_TLS_CERT = central.pem
SERVER_TLS_KEY = central.key
SERVER_TLS_CA = ca.pem
SERVER_AGENCIES_FILE = agencies.yaml
`;
    assert.deepEqual(central(t, { file }).identity, {
      port: 12346,
      files: {
        certificate: "central.pem",
        key: "central.key",
        authorities: "ca.pem",
        revoked: undefined,
        agencies: "agencies.yaml",
      },
    });
    const flags = { SERVER_TLS_PORT: "0", SERVER_TLS_CRL: "crl.pem" };
    const identity = central(t, { file, flags }).identity;
    assert.deepEqual([identity?.port, identity?.files.revoked], [0, "crl.pem"]);
  });

  it("names every file that is missing for that, and uses none of them without it", (t) => {
    assert.deepEqual(
      problemsOf(() => central(t, { flags: { SERVER_IDENTITY: "on", SERVER_TLS_KEY: "k" } })),
      [
        needs("SERVER_TLS_CERT", "--tls-cert"),
        needs("SERVER_TLS_CA", "--tls-ca"),
        needs("SERVER_AGENCIES_FILE", "--agencies-file"),
      ],
    );
    assert.equal(central(t, { env: { SERVER_TLS_CERT: "central.pem" } }).identity, undefined);
  });

  it("says when the draw closes, and that operators tell its number", (t) => {
    const env = { SERVER_WINNING_NUMBER: "Told", SERVER_SECOND_OPERATOR: "YES" };
    const told = central(t, { env });
    assert.equal(told.winningNumber, undefined);
    assert.equal(told.secondOperator, true);
    for (const [text, iso] of [
      ["2026-12-01T21:00:00-03:00", "2026-12-02T00:00:00.000Z"],
      ["2024-02-29T23:59Z", "2024-02-29T23:59:00.000Z"],
    ] as const) {
      const { closesAtMs } = central(t, { env: { SERVER_CLOSES_AT: text } });
      assert.equal(new Date(closesAtMs ?? 0).toISOString(), iso);
    }
  });

  it("has no draw for agencies that name none when it follows a timetable, unless one is named", (t) => {
    const env = { SERVER_DRAWS_FILE: "draws.yaml" };
    assert.equal(central(t, { env }).drawsFile, "draws.yaml");
    assert.equal(central(t, { env }).draw, undefined);
    assert.equal(central(t, { env: { ...env, SERVER_DRAW: "1" } }).draw, "1");
  });

  it("comes from the file, in upper or lower case and with comments anywhere", (t) => {
    const config = central(t, {
      file: [
        "# a comment",
        "[DEFAULT] ; the only section",
        "SERVER_PORT = 1",
        "  ; a comment may be indented",
        "server_listen_backlog: 7",
        "SERVER_DATA_DIR = '/data/with # and ; inside'",
        'SERVER_DRAW = "2"',
        "SERVER_AGENCIES = '3'",
        "",
      ].join("\r\n"),
    });
    assert.equal(config.port, 1);
    assert.equal(config.listenBacklog, 7);
    assert.equal(config.dataDir, "/data/with # and ; inside");
    assert.equal(config.draw, "2");
    assert.equal(config.agencies, 3);
  });

  it("lets the environment win over the file and the command line over both", (t) => {
    const file = "[DEFAULT]\nSERVER_PORT = 1\nSERVER_AGENCIES = 1\nSERVER_WINNING_NUMBER = 1\n";
    const env = { SERVER_AGENCIES: "2", SERVER_WINNING_NUMBER: "2" };
    const flags = { SERVER_WINNING_NUMBER: "3", SERVER_DRAW: undefined };
    const { port, agencies, winningNumber, draw } = central(t, { file, env, flags });
    assert.deepEqual([port, agencies, winningNumber, draw], [1, 2, 3, "1"]);
  });

  it("comes from config.ini in the working folder by default, and does not need this file", (t) => {
    const folder = process.cwd();
    const dir = mkdtempSync(join(tmpdir(), "quiniela-config-"));
    t.after(() => {
      process.chdir(folder);
      rmSync(dir, { recursive: true });
    });
    process.chdir(dir);
    assert.equal(loadCentralConfig({ env: {}, dialects: DIALECTS }).port, 12345);
    writeFileSync("config.ini", "[DEFAULT]\nSERVER_PORT = 1\n");
    assert.equal(loadCentralConfig({ env: {}, dialects: DIALECTS }).port, 1);
  });

  it("takes a variable without a value as not set", (t) => {
    assert.equal(central(t, { env: { SERVER_PORT: "", LOGGING_LEVEL: "" } }).port, 12345);
  });

  it("keeps the level as it was written", (t) => {
    const cases = [
      ["DEBUG", "debug"],
      ["Warning", "warning"],
      ["warn", "warning"],
      ["NOTICE", "warning"],
      ["FATAL", "critical"],
      ["CRITICAL", "critical"],
    ] as const;
    for (const [text, level] of cases) {
      const config = central(t, { env: { LOGGING_LEVEL: text } });
      assert.deepEqual([config.loggingLevel, config.loggingLevelText], [level, text]);
    }
  });

  it("accepts dialects by name, or all", (t) => {
    const dialects = (text: string) => central(t, { env: { SERVER_DIALECTS: text } }).dialects;
    assert.deepEqual(dialects("tlv, native"), ["tlv", "native"]);
    assert.deepEqual(dialects("all"), DIALECTS);
  });

  it("accepts the smallest and the largest values", (t) => {
    const config = central(t, {
      flags: {
        SERVER_PORT: "0",
        SERVER_AGENCIES: "0",
        SERVER_STOP_GRACE: "0s",
        SERVER_DRAW_MARGIN: "0s",
        SERVER_DRAW: "a".repeat(64),
        SERVER_BIND_ADDRESS: "::",
      },
    });
    const { port, agencies, drawMarginMs, limits } = config;
    assert.deepEqual([port, agencies, drawMarginMs, limits.stopGraceMs], [0, 0, 0, 0]);
  });
});

describe("a central does not start", () => {
  it("with several problems, and names all of them", (t) => {
    const problems = problemsOf(() =>
      central(t, {
        file: [
          "SERVER_IP = server",
          "[SERVER]",
          "SERVER_PORT = 1",
          "[DEFAULT]",
          "SERVER_PROT = 12345",
          "SERVER_PORT = many",
          "LOGGING_LEVEL = LOUD",
          "just words",
          "SERVER_AGENCIES = 5",
          "server_agencies = 6",
          "SERVER_STORE =",
        ].join("\n"),
        env: {
          SERVER_LISTEN_BACKLOG: "0",
          SERVER_AGENCYS: "5",
          SERVER_SERVICE_HOST_OF_KUBERNETES: "x",
          HOME: "/root",
        },
        flags: { SERVER_IDLE_TIMEOUT: "5" },
      }),
    );
    assert.deepEqual(
      problems.map((problem) => problem.replace(/(allowed: SERVER_PORT, SERVER_IP, ).*/, "$1…")),
      [
        "config.ini:1: SERVER_IP: stands before any section; allowed: in [DEFAULT]",
        "config.ini:2: [SERVER]: unknown section; allowed: [DEFAULT]",
        "config.ini:5: SERVER_PROT: unknown key; did you mean SERVER_PORT?",
        'config.ini:8: "just words": is no setting; allowed: KEY = value',
        "config.ini:10: server_agencies: is set twice, first in line 9; allowed: once",
        "environment SERVER_AGENCYS: unknown variable; did you mean SERVER_AGENCIES?",
        "environment SERVER_SERVICE_HOST_OF_KUBERNETES: unknown variable; allowed: SERVER_PORT, SERVER_IP, …",
        'config.ini:6: SERVER_PORT: is "many"; allowed: a whole number from 0 to 65535',
        'config.ini:7: LOGGING_LEVEL: is "LOUD"; allowed: DEBUG, INFO, WARNING, ERROR or CRITICAL',
        "config.ini:11: SERVER_STORE: is empty; allowed: ledger or csv",
        'environment SERVER_LISTEN_BACKLOG: is "0"; allowed: a whole number from 1 to 65535',
        'option --idle-timeout: is "5"; allowed: a duration from 1ms to 500h0m0s, such as 1m30s',
      ],
    );
  });

  for (const [key, text] of [
    ["SERVER_PORT", "65536"],
    ["SERVER_PORT", "-1"],
    ["SERVER_PORT", "1e3"],
    ["SERVER_PORT", "tcp://10.0.0.1:12345"],
    ["SERVER_IP", "a b"],
    ["SERVER_BIND_ADDRESS", "999.1.1.1"],
    ["SERVER_MODE", "bets"],
    ["SERVER_LOG_FORMAT", "xml"],
    ["SERVER_AGENCIES", "100001"],
    ["SERVER_DRAW", ".hidden"],
    ["SERVER_DRAW", "a/b"],
    ["SERVER_DRAW", "a".repeat(65)],
    ["SERVER_DIALECTS", "native,klingon"],
    ["SERVER_DIALECTS", "native,native"],
    ["SERVER_DIALECTS", "native,"],
    ["SERVER_WINNING_NUMBER", "10000"],
    ["SERVER_FRAME_BYTES_MAX", "2047"],
    ["SERVER_FRAME_BYTES_MAX", "1048577"],
    ["SERVER_CONNECTIONS_MAX", "0"],
    ["SERVER_HEADER_TIMEOUT", "0s"],
    ["SERVER_HEADER_TIMEOUT", "501h"],
    ["SERVER_STOP_GRACE", "-1s"],
  ] as const) {
    it(`with ${key} set to ${text.slice(0, 30)}`, (t) => {
      const [problem, ...more] = problemsOf(() => central(t, { env: { [key]: text } }));
      assert.ok(problem?.startsWith(`environment ${key}: is "${text}"; allowed: `), problem);
      assert.deepEqual(more, []);
    });
  }

  it("with a database as its store, and does not show its password", (t) => {
    const env = { SERVER_STORE: "postgres://me:secret@db/draw" };
    assert.deepEqual(
      problemsOf(() => central(t, { env })),
      ["environment SERVER_STORE: this version has no PostgreSQL store; allowed: ledger or csv"],
    );
  });

  it("with a wrong value in the file, even if another place overrides it", (t) => {
    const file = "[DEFAULT]\nSERVER_PORT = many\n";
    assert.equal(problemsOf(() => central(t, { file, flags: { SERVER_PORT: "1" } })).length, 1);
  });

  it("with a peer's buffer that is too small for one message", (t) => {
    const env = { SERVER_FRAME_BYTES_MAX: "16384", SERVER_PEER_BUFFER_BYTES_MAX: "8192" };
    assert.deepEqual(
      problemsOf(() => central(t, { env })),
      [
        "environment SERVER_PEER_BUFFER_BYTES_MAX: SERVER_PEER_BUFFER_BYTES_MAX is 8192, less than SERVER_FRAME_BYTES_MAX; allowed: 16384 or more",
      ],
    );
  });

  for (const [text, why] of [
    ["tonight", "no date"],
    ["2026-12-01T21:00:00", "no zone"],
    ["2026-12-01", "no time"],
    ["2026-02-29T21:00:00Z", "a day that does not exist"],
    ["2026-13-01T21:00:00Z", "no such month"],
    ["2026-12-01T24:00:00Z", "no such hour"],
    ["2026-12-01T21:60:00Z", "no such minute"],
    ["2026-12-01T21:00:00-24:00", "no such zone"],
    ["2026-12-01T21:00:00.5Z", "a part of a second"],
  ] as const) {
    it(`with a draw that closes at ${text}: ${why}`, (t) => {
      assert.deepEqual(
        problemsOf(() => central(t, { env: { SERVER_CLOSES_AT: text } })),
        [
          `environment SERVER_CLOSES_AT: is "${text}"; allowed: a date and time with its zone, such as 2026-12-01T21:00:00-03:00`,
        ],
      );
    });
  }

  for (const [env, problem] of [
    [{ SERVER_CLOSES_AT: "2026-12-01T21:00:00Z" }, "SERVER_CLOSES_AT: SERVER_CLOSES_AT needs"],
    [{ SERVER_DRAWS_FILE: "draws.yaml" }, "SERVER_DRAWS_FILE: SERVER_DRAWS_FILE needs"],
    [
      { SERVER_WINNING_NUMBER: "told" },
      "SERVER_WINNING_NUMBER: SERVER_WINNING_NUMBER is told, which needs SERVER_STORE=ledger",
    ],
  ] as const) {
    it(`with the store csv, which keeps no acts, and ${Object.keys(env).join()}`, (t) => {
      const [told, ...more] = problemsOf(() =>
        central(t, { env: { SERVER_STORE: "csv", ...env } }),
      );
      assert.ok(told?.startsWith(`environment ${problem}`), told);
      assert.deepEqual(more, []);
    });
  }

  it("with a second operator and a number that no operator tells", (t) => {
    assert.deepEqual(
      problemsOf(() => central(t, { env: { SERVER_SECOND_OPERATOR: "yes" } })),
      [
        "environment SERVER_SECOND_OPERATOR: SERVER_SECOND_OPERATOR is yes, and no operator tells the number; allowed: no, or yes with SERVER_WINNING_NUMBER=told",
      ],
    );
  });

  it("with a timetable, no draw of its own, and settings of such a draw", (t) => {
    const env = {
      SERVER_DRAWS_FILE: "draws.yaml",
      SERVER_CLOSES_AT: "2026-12-01T21:00:00Z",
      SERVER_SECOND_OPERATOR: "yes",
    };
    const problems = problemsOf(() => central(t, { env }));
    assert.deepEqual(
      problems.map((problem) => problem.replace(/ is of .*/, "")),
      [
        "environment SERVER_CLOSES_AT: SERVER_CLOSES_AT",
        "environment SERVER_SECOND_OPERATOR: SERVER_SECOND_OPERATOR",
      ],
    );
    const named = { ...env, SERVER_DRAW: "mine", SERVER_WINNING_NUMBER: "told" };
    assert.equal(central(t, { env: named }).draw, "mine");
  });

  it("without the file that --config names", () => {
    assert.throws(
      () => loadCentralConfig({ file: "/nowhere/config.ini", env: {}, dialects: DIALECTS }),
      {
        name: "ConfigError",
        code: "CONFIG_UNREADABLE",
        message: "Cannot use the configuration: /nowhere/config.ini: there is no such file",
      },
    );
  });

  it("with a folder in place of the file", () => {
    assert.throws(
      () => loadCentralConfig({ file: "/", env: {}, dialects: DIALECTS }),
      (error) => error instanceof ConfigError && error.code === "CONFIG_UNREADABLE",
    );
  });

  it("with an option that no setting has, which is a mistake of the program itself", (t) => {
    assert.throws(() => central(t, { flags: { port: "1" } }), RangeError);
  });
});

function needs(key: string, flag: string): string {
  return `${key}: is not set, and SERVER_IDENTITY=on needs it; allowed: a path, in the file, in the environment or with ${flag}`;
}
