import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agency, problemsOf } from "./load-support.ts";

const BET = {
  NOMBRE: "Santiago Lionel",
  APELLIDO: "Lorca",
  DOCUMENTO: "30904465",
  NACIMIENTO: "1999-03-17",
  NUMERO: "7574",
};

describe("an agency's configuration", () => {
  it("has a default for everything except its number", (t) => {
    assert.deepEqual(agency(t, { env: { CLI_ID: "3" } }), {
      id: "3",
      serverAddress: "127.0.0.1:12345",
      host: "127.0.0.1",
      port: 12345,
      loopAmount: 5,
      loopPeriodMs: 5000,
      loopLapse: undefined,
      loopPeriod: "5s",
      logLevel: "info",
      logLevelText: "INFO",
      logFormat: "text",
      batchAmountMax: 100,
      batchBytesMax: 8192,
      mode: "file",
      dataFile: ".data/agency-3.csv",
      badRow: "stop",
      winnersFile: "",
      winnersFormat: "csv",
      receiptsFile: "",
      resume: "verify",
      dialect: "native",
      draw: "",
      bet: undefined,
      retry: { firstDelayMs: 100, delayMaxMs: 5000, giveUpAfterMs: 0 },
      answerTimeoutMs: 30_000,
      tls: undefined,
    });
  });

  it("speaks TLS when it knows by what its central is known", (t) => {
    const env = { CLI_ID: "3", CLI_SERVER_ADDRESS: "central.example:12346", CLI_TLS_CA: "ca.pem" };
    assert.deepEqual(agency(t, { env }).tls, {
      authorities: "ca.pem",
      certificate: undefined,
      key: undefined,
      name: "central.example",
      tokenFile: undefined,
    });
    const file = `
tls: { cert: one.pem, key: one.key, name: lottery.example }
token.file: one.token
`;
    assert.deepEqual(agency(t, { env, file }).tls, {
      authorities: "ca.pem",
      certificate: "one.pem",
      key: "one.key",
      name: "lottery.example",
      tokenFile: "one.token",
    });
  });

  it("does not go into the open because a part of its TLS is missing", (t) => {
    const wrong: readonly (readonly [Record<string, string>, string])[] = [
      [{ CLI_TLS_CERT: "a", CLI_TLS_KEY: "b" }, "tls.cert needs tls.ca"],
      [{ CLI_TLS_NAME: "central" }, "tls.name needs tls.ca"],
      [{ CLI_TOKEN_FILE: "t" }, "token.file needs tls.ca"],
      [{ CLI_TLS_CA: "ca", CLI_TLS_CERT: "a" }, "tls.cert needs tls.key"],
      [{ CLI_TLS_CA: "ca", CLI_TLS_KEY: "a" }, "tls.key needs tls.cert"],
      [
        { CLI_TLS_CA: "ca", CLI_TOKEN_FILE: "t", CLI_DIALECT: "tlv" },
        "token.file is for the dialect native, and dialect is tlv",
      ],
    ];
    for (const [env, problem] of wrong) {
      const problems = problemsOf(() => agency(t, { env: { CLI_ID: "3", ...env } }));
      assert.ok(problems[0]?.includes(problem), problems.join("\n"));
    }
  });

  it("comes from the file, in upper or lower case, quoted or not", (t) => {
    const config = agency(t, {
      file: `
# the course's keys
id: 4
server:
  address: "server:12345"
loop: { amount: 7, period: 1m30s }
log:
  level: debug
BATCH:
  maxamount: 0012
draw: ""
data.file: /data/{id}/{id}.csv
`,
    });
    assert.equal(config.id, "4");
    assert.deepEqual([config.host, config.port], ["server", 12345]);
    assert.deepEqual([config.loopAmount, config.loopPeriodMs], [7, 90_000]);
    assert.deepEqual([config.logLevel, config.logLevelText], ["debug", "debug"]);
    assert.equal(config.batchAmountMax, 12);
    assert.equal(config.dataFile, "/data/4/4.csv");
  });

  it("says where winners are written, and in which form", (t) => {
    for (const [file, format, expected] of [
      ["w.csv", undefined, "csv"],
      ["w-{id}.jsonl", undefined, "jsonl"],
      ["w.NDJSON", undefined, "jsonl"],
      ["w.jsonl", "csv", "csv"],
      ["-", undefined, "csv"],
      ["-", "jsonl", "jsonl"],
    ] as const) {
      const env = { CLI_ID: "3", CLI_WINNERS_FILE: file };
      const config = agency(t, { env, flags: { "winners.format": format } });
      assert.equal(config.winnersFile, file.replace("{id}", "3"));
      assert.equal(config.winnersFormat, expected);
    }
  });

  it("has no winners to write and no receipts to keep in modes without them", (t) => {
    const files = { CLI_WINNERS_FILE: "w.csv", CLI_RECEIPTS_FILE: "r.csv" };
    const env = { CLI_ID: "3", ...files, ...BET };
    for (const mode of ["bet", "echo"]) {
      assert.deepEqual(
        problemsOf(() => agency(t, { env, flags: { mode } })),
        [
          `environment CLI_WINNERS_FILE: winners are told in mode file only, and mode is ${mode}; allowed: nothing`,
          `environment CLI_RECEIPTS_FILE: receipts are kept in mode file only, and mode is ${mode}; allowed: nothing`,
        ],
      );
    }
  });

  it("keeps its receipts where the configuration says, by its own number", (t) => {
    const env = { CLI_ID: "3" };
    const config = agency(t, { env, flags: { "receipts.file": "r-{id}.csv" } });
    assert.equal(config.receiptsFile, "r-3.csv");
    assert.deepEqual(
      problemsOf(() => agency(t, { env, flags: { "receipts.file": "-" } })),
      ['option --receipts: is "-"; allowed: nothing, or a path'],
    );
  });

  it("keeps no receipts in a protocol whose answers have no chain head", (t) => {
    const receipts = { "receipts.file": "r.csv" };
    const chainedDialects = ["native"];
    const env = { CLI_ID: "3", CLI_DIALECT: "tlv" };
    assert.deepEqual(
      problemsOf(() => agency(t, { env, flags: receipts, chainedDialects })),
      ["option --receipts: receipts are kept in native only, and dialect is tlv; allowed: nothing"],
    );
    assert.equal(
      agency(t, { env, flags: { "receipts.file": "" }, chainedDialects }).dialect,
      "tlv",
    );
    const native = { env: { CLI_ID: "3" }, flags: receipts, chainedDialects };
    assert.equal(agency(t, native).receiptsFile, "r.csv");
  });

  it("needs no number to check a file whose name does not have it", (t) => {
    const checking = { env: {}, idOptional: true } as const;
    assert.equal(agency(t, { ...checking, flags: { "data.file": "a.csv" } }).id, "");
    assert.equal(problemsOf(() => agency(t, checking)).length, 1);
    const named = { ...checking, flags: { "data.file": "a.csv", id: "0" } };
    assert.equal(problemsOf(() => agency(t, named)).length, 1);
  });

  it("lets the environment win over the file and the command line over both", (t) => {
    const file = "id: 1\nloop: {amount: 1}\nbatch: {maxAmount: 1}\n";
    const env = { CLI_LOOP_AMOUNT: "2", CLI_BATCH_MAXAMOUNT: "2" };
    const config = agency(t, { file, env, flags: { "batch.maxAmount": "3" } });
    assert.deepEqual([config.id, config.loopAmount, config.batchAmountMax], ["1", 2, 3]);
  });

  it("prints the period as Go does", (t) => {
    for (const [text, printed, ms] of [
      ["60s", "1m0s", 60_000],
      ["1.5h", "1h30m0s", 5_400_000],
      ["0.1s", "100ms", 100],
      ["500us", "500µs", 0.5],
      ["0", "0s", 0],
    ] as const) {
      const config = agency(t, { env: { CLI_ID: "1", CLI_LOOP_PERIOD: text } });
      assert.deepEqual([config.loopPeriod, config.loopPeriodMs], [printed, ms]);
    }
  });

  it("lets only the time end the loop of the course's older client", (t) => {
    const older = "loop:\n  lapse: 0m20s\n  period: 5s\n";
    const { loopLapse, loopAmount } = agency(t, { file: older, env: { CLI_ID: "1" } });
    assert.deepEqual([loopLapse, loopAmount], [{ ms: 20_000, text: "20s" }, 1_000_000_000]);
    const env = { CLI_ID: "1", CLI_LOOP_LAPSE: "1m", CLI_LOOP_AMOUNT: "7" };
    const both = agency(t, { file: older, env });
    assert.deepEqual([both.loopLapse?.text, both.loopAmount], ["1m0s", 7]);
  });

  it("accepts hosts by name and by address", (t) => {
    for (const [text, host] of [
      ["server:12345", "server"],
      ["my_server.local:1", "my_server.local"],
      ["10.0.0.1:65535", "10.0.0.1"],
      ["[::1]:12345", "::1"],
    ] as const) {
      const config = agency(t, { env: { CLI_ID: "1", CLI_SERVER_ADDRESS: text } });
      assert.deepEqual([config.serverAddress, config.host], [text, host]);
    }
  });
});

function numbered(env: Record<string, string>) {
  return { env: { CLI_ID: "1", ...env } };
}

describe("an agency's mode", () => {
  it("is bet when a complete bet is in the environment", (t) => {
    const config = agency(t, numbered(BET));
    assert.equal(config.mode, "bet");
    assert.deepEqual(config.bet, {
      agency: 1,
      firstName: "Santiago Lionel",
      lastName: "Lorca",
      document: "30904465",
      birthdate: "1999-03-17",
      number: 7574,
    });
    assert.equal(agency(t, numbered({ ...BET, APELLIDO: "" })).bet?.lastName, "");
  });

  it("is file when a part of the bet is missing", (t) => {
    for (const name of Object.keys(BET)) {
      const { [name as keyof typeof BET]: _, ...rest } = BET;
      const config = agency(t, numbered(rest));
      assert.deepEqual([config.mode, config.bet], ["file", undefined]);
    }
    assert.equal(agency(t, numbered({ ...BET, NUMERO: "" })).mode, "file");
  });

  it("is the configured one, whatever else is in the environment", (t) => {
    assert.equal(agency(t, numbered({ ...BET, CLI_MODE: "file" })).bet, undefined);
    assert.equal(agency(t, numbered({ ...BET, CLI_MODE: "echo" })).mode, "echo");
  });

  it("allows any name for an id when it is echo", (t) => {
    assert.equal(agency(t, { env: { CLI_ID: "zoe", CLI_MODE: "echo" } }).id, "zoe");
  });
});

describe("an agency does not start", () => {
  it("with several problems, and names all of them", (t) => {
    const problems = problemsOf(() =>
      agency(t, {
        file: `id: 0
server: nowhere
loop:
  amount: -1
  period: 5
batch:
  maxAmmount: 3
  maxBytes: [1, 2]
log:
  level:
mode: echoes
mode: echo
colour: blue
`,
        env: { CLI_DATA_FILES: "x", CLI_RETRY_FIRSTDELAY: "10s", PATH: "/bin" },
        flags: { dialect: "klingon" },
      }),
    );
    assert.deepEqual(
      problems.map((problem) => problem.replace(/(allowed: id, server.address, ).*/, "$1…")),
      [
        "config.yaml:2: server: unknown key; allowed: id, server.address, …",
        "config.yaml:7: batch.maxAmmount: unknown key; did you mean batch.maxAmount?",
        "config.yaml:8: batch.maxBytes: is no single value; allowed: one value",
        "config.yaml:12: mode: is set twice, first in line 11; allowed: once",
        "config.yaml:13: colour: unknown key; allowed: id, server.address, …",
        "environment CLI_DATA_FILES: unknown variable; did you mean CLI_DATA_FILE?",
        'config.yaml:4: loop.amount: is "-1"; allowed: a whole number from 0 to 1000000000',
        'config.yaml:5: loop.period: is "5"; allowed: a duration from 0s to 500h0m0s, such as 1m30s',
        "config.yaml:10: log.level: is empty; allowed: DEBUG, INFO, WARNING, ERROR or CRITICAL",
        'config.yaml:11: mode: is "echoes"; allowed: file, bet or echo',
        'option --dialect: is "klingon"; allowed: native, tlv or echo',
        'config.yaml:1: id: is "0"; allowed: an agency\'s number, from 1 to 4294967295',
        "environment CLI_RETRY_FIRSTDELAY: retry.maxDelay is 5s, less than retry.firstDelay; allowed: 10s or more",
      ],
    );
  });

  it("without a number", (t) => {
    assert.deepEqual(
      problemsOf(() => agency(t, {})),
      ["id: is not set; allowed: in the file, as CLI_ID or with --id"],
    );
  });

  for (const [why, id] of [
    ["zero", "0"],
    ["too large", "4294967296"],
    ["with leading zeros", "01"],
    ["a name", "zoe"],
  ] as const) {
    it(`with a number that is ${why}`, (t) => {
      assert.deepEqual(
        problemsOf(() => agency(t, { flags: { id } })),
        [`option --id: is "${id}"; allowed: an agency's number, from 1 to 4294967295`],
      );
    });
  }

  for (const address of ["server", "server:", ":1", "server:0", "server:65536", "::1:1", "[x]:1"]) {
    it(`with the address ${address}`, (t) => {
      const env = { CLI_ID: "1", CLI_SERVER_ADDRESS: address };
      assert.deepEqual(
        problemsOf(() => agency(t, { env })),
        [
          `environment CLI_SERVER_ADDRESS: is "${address}"; allowed: host:port, such as server:12345 or [::1]:12345`,
        ],
      );
    });
  }

  it("with a missing or invalid bet, and checks it field by field", (t) => {
    const env = {
      CLI_ID: "1",
      CLI_MODE: "bet",
      NOMBRE: "a\u0007",
      DOCUMENTO: "99999999999",
      NACIMIENTO: "2999-01-01",
      NUMERO: "ten",
    };
    assert.deepEqual(
      problemsOf(() => agency(t, { env })),
      [
        'environment NOMBRE: "a\\u0007" has a control character; allowed: 1 to 255 bytes of text',
        "environment APELLIDO: is not set; allowed: up to 255 bytes of text",
        'environment DOCUMENTO: "99999999999" is not 1 to 10 digits; allowed: 1 to 10 digits, at most 4294967295',
        'environment NACIMIENTO: "2999-01-01" is in the future; allowed: a date YYYY-MM-DD, not in the future',
        'environment NUMERO: "ten" is not a number from 0 to 9999; allowed: a whole number from 0 to 9999',
      ],
    );
  });

  it("with a bad bet, unless badRow is send", (t) => {
    const env = { CLI_ID: "1", ...BET, NUMERO: "10000" };
    assert.equal(problemsOf(() => agency(t, { env })).length, 1);
    assert.equal(agency(t, { env: { ...env, CLI_DATA_BADROW: "send" } }).bet?.number, 10_000);
  });

  for (const [why, file, problem] of [
    [
      "is indented with tabs",
      "server:\n\taddress: x:1\nloop:\n\tamount: 1\n",
      /^config\.yaml:2: is not YAML: Tabs are not allowed as indentation$/,
    ],
    ["is not YAML", "id: 1\n  loop: {", /^config\.yaml:\d+: is not YAML: /],
    ["is a list", "- id: 1\n", /^config\.yaml:1: is no setting; allowed: key: value$/],
    [
      "holds two documents",
      "id: 1\n---\nid: 2\n",
      /^config\.yaml:\d: a second document; allowed: one$/,
    ],
    ["uses tags", "id: !!js/function 'x'\n", /^config\.yaml:1: is not YAML: /],
    ["uses aliases", "id: &a 1\ndraw: *a\n", /^config\.yaml:2: draw: is no single value; /],
  ] as const) {
    it(`with a file that ${why}`, (t) => {
      const [first = "", ...more] = problemsOf(() => agency(t, { file, env: { CLI_ID: "1" } }));
      assert.match(first, problem);
      assert.deepEqual(more, []);
    });
  }
});
