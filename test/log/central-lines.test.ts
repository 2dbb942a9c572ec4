import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { CentralEvent, CentralEventKind } from "../../src/events/central-event.ts";
import { Feed } from "../../src/events/feed.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { linesOf } from "../../src/log/central-lines.ts";
import { logEvents } from "../../src/log/central-log.ts";
import { type ConfirmingLogger, type LogLevel, silentLogger } from "../../src/log/logger.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { eventsTo } from "../support/events-to.ts";
import { memoryLogger, writtenLines } from "../support/memory-logger.ts";
import { root } from "../support/paths.ts";

const one = 1 as AgencyId;
const PEER = { address: "10.0.0.7" };
const FROM = { ...PEER, agency: one };
const BATCH = { agency: 1, sequence: 3, count: 20 };
const BET = {
  agency: one,
  firstName: "Ana",
  lastName: "Paz",
  document: "30904465",
  birthdate: "1999-03-17",
  number: 7574,
};

const FAILED = {
  kind: "conversation-failed",
  dialect: "tlv",
  error: "TypeError: no",
  expected: false,
} as const;

/** An event of each kind, and its lines. */
const EXAMPLES: {
  readonly [Kind in CentralEventKind]: readonly [
    Omit<Extract<CentralEvent, { kind: Kind }>, "kind">,
    ...string[],
  ];
} = {
  "connections-limited": [
    { connectionsMax: 900, configured: 10_000, descriptors: 1024, needed: 10_124 },
    "WARNING  action: limit_connections | result: success | connections_max: 900 | configured: 10000 | descriptors: 1024 | reason: all of them need 10124 file descriptors; raise the limit (ulimit -n 10124, LimitNOFILE=10124) or lower SERVER_CONNECTIONS_MAX",
  ],
  "identity-off": [
    {},
    "INFO     action: check_identity | result: success | identity: off | reason: every peer is believed which agency it is; SERVER_IDENTITY=on has them prove it",
  ],
  "identity-loaded": [
    { again: false, agencies: 17, ended: 0 },
    "INFO     action: check_identity | result: success | identity: on | agencies: 17",
  ],
  "identity-reload-failed": [
    { error: "ConfigError: no" },
    "ERROR    action: reload_identity | result: fail | error: ConfigError: no",
  ],
  "certificate-ending": [
    {
      whose: "agency",
      agency: one,
      fingerprint: "ab".repeat(32),
      until: new Date("2027-01-31T12:00:00Z"),
      days: 7,
    },
    `WARNING  action: watch_certificates | result: in_progress | whose: agency | agency: 1 | fingerprint: ${"ab".repeat(32)} | until: 2027-01-31T12:00:00.000Z | days: 7`,
  ],
  "handshake-refused": [
    { from: PEER, flaw: "unlisted", agency: 17, code: undefined },
    "WARNING  action: handshake | result: fail | ip: 10.0.0.7 | reason: agencies.yaml does not list the certificate | names_agency: 17",
  ],
  "listener-opened": [{}, "INFO     action: accept_connections | result: in_progress"],
  started: [
    {
      address: { address: "0.0.0.0", port: 12345 },
      draw: "1",
      dir: "/data",
      overview: {
        state: "open",
        agencies: 5,
        done: 3,
        withBets: 4,
        bets: 200,
        missing: { first: [1 as AgencyId, 5 as AgencyId], more: 0 },
      },
    },
    "INFO     action: start | result: success | address: 0.0.0.0:12345 | draw: 1 | dir: /data | state: open | agencies: 5 | done: 3 | with_bets: 4 | bets: 200 | waiting_for: 1, 5",
  ],
  "listener-closed": [{}, "INFO     action: close_listener | result: success"],
  "sessions-closed": [{}],
  "store-closed": [{}, "INFO     action: close_store | result: success"],
  "store-close-failed": [
    { error: "not within 100 ms" },
    "ERROR    action: close_store | result: fail | error: not within 100 ms",
  ],
  stopped: [{ reason: "SIGTERM" }, "INFO     action: stop | result: success | reason: SIGTERM"],
  failed: [
    { error: "STORE_FAILED: no" },
    "CRITICAL action: stop | result: fail | error: STORE_FAILED: no",
  ],
  "subscriber-failed": [
    { error: "Error: no" },
    "ERROR    action: take_events | result: fail | error: Error: no",
  ],
  "tail-cut": [
    { file: "a.seg", offset: 10, bytes: 3 },
    "WARNING  action: cut_torn_tail | result: success | file: a.seg | offset: 10 | bytes: 3",
  ],
  "work-delayed": [
    { what: "write bets", reason: "the disk is full" },
    "WARNING  action: wait | result: in_progress | what: write bets | reason: the disk is full",
  ],
  "work-resumed": [
    { what: "write bets" },
    "INFO     action: wait | result: success | what: write bets",
  ],
  "draw-published": [
    { dir: "/data/1" },
    "INFO     action: publish_draw | result: success | dir: /data/1",
  ],
  "publication-deferred": [
    {},
    "WARNING  action: publish_draw | result: in_progress | reason: stopped before bets.csv was whole; the next start on this draw writes it",
  ],
  "connection-accepted": [
    { from: PEER },
    "INFO     action: accept_connections | result: success | ip: 10.0.0.7",
  ],
  "connection-refused": [
    { from: PEER, reason: "too many" },
    "WARNING  action: refuse_connection | result: fail | ip: 10.0.0.7 | reason: too many",
  ],
  "connection-awaited": [
    { from: PEER },
    "INFO     action: accept_connections | result: in_progress",
  ],
  "accept-failed": [
    { error: "EMFILE" },
    "ERROR    action: accept_connections | result: fail | error: EMFILE",
  ],
  "stranger-turned-away": [
    { from: PEER, code: "DIALECT_DISABLED", dialect: "tlv", head: "0301" },
    "WARNING  action: recognise_protocol | result: fail | ip: 10.0.0.7 | error: DIALECT_DISABLED | dialect: tlv | bytes: 0301",
  ],
  "agency-fenced": [
    { from: FROM, agency: one, former: "10.0.0.6" },
    "WARNING  action: fence_agency | result: success | ip: 10.0.0.6 | agency: 1 | by: 10.0.0.7",
  ],
  "peer-noted": [
    {
      from: FROM,
      dialect: "tlv",
      level: "info",
      action: "note",
      result: "success",
      details: { msg: "hola" },
    },
    "INFO     action: note | result: success | ip: 10.0.0.7 | msg: hola | agency: 1",
  ],
  "protocol-violated": [
    { from: FROM, dialect: "tlv", code: "MALFORMED", error: "it has no #" },
    "WARNING  action: protocol_violation | result: fail | ip: 10.0.0.7 | dialect: tlv | code: MALFORMED | error: it has no # | agency: 1",
  ],
  "message-echoed": [
    { from: PEER, dialect: "echo", text: "hola" },
    "INFO     action: receive_message | result: success | ip: 10.0.0.7 | msg: hola",
  ],
  "conversation-failed": [
    { from: FROM, dialect: "tlv", error: "TypeError: no", expected: false },
    "ERROR    action: serve | result: fail | ip: 10.0.0.7 | dialect: tlv | error: TypeError: no | agency: 1",
  ],
  "session-closed": [
    { from: FROM, result: "fail", reason: "lost", dialect: "native", minor: false },
    "WARNING  action: close_session | result: fail | ip: 10.0.0.7 | dialect: native | reason: lost | agency: 1",
  ],
  "batch-stored": [
    { from: FROM, batch: BATCH, bet: undefined },
    "INFO     action: apuesta_recibida | result: success | cantidad: 20",
  ],
  "batch-repeated": [
    { from: FROM, batch: BATCH },
    "INFO     action: apuesta_repetida | result: success | cantidad: 20 | agency: 1",
  ],
  "batch-deferred": [
    { from: FROM, batch: BATCH, retryAfterMs: 50 },
    "WARNING  action: defer_batch | result: fail | agency: 1 | sequence: 3 | count: 20 | retry_after_ms: 50",
  ],
  "batch-refused": [
    { from: FROM, batch: BATCH, why: { kind: "conflict" } },
    "WARNING  action: apuesta_recibida | result: fail | cantidad: 20",
    "WARNING  action: refuse_batch | result: fail | agency: 1 | sequence: 3 | count: 20 | code: CONFLICT",
  ],
  "admission-refused": [
    { from: PEER, agency: 9, wants: "attend", reason: "unknown-agency" },
    "WARNING  action: attend | result: fail | ip: 10.0.0.7 | agency: 9 | reason: unknown-agency",
  ],
  "agency-done": [
    {
      from: FROM,
      agency: one,
      done: 4,
      agencies: 100,
      missing: { first: [2 as AgencyId, 3 as AgencyId], more: 94 },
    },
    "INFO     action: register_done | result: success | agency: 1 | done: 4 | of: 100 | waiting_for: 2, 3 and 94 more",
  ],
  "done-repeated": [
    { from: FROM, agency: one },
    "DEBUG    action: register_done | result: success | agency: 1",
  ],
  "done-refused": [
    { from: FROM, agency: one, reason: "mismatch" },
    "WARNING  action: register_done | result: fail | agency: 1 | reason: mismatch",
  ],
  "done-without-bets": [
    { from: FROM, agency: one, refused: 7 },
    "WARNING  action: register_done | result: success | agency: 1 | stored_bets: 0 | refused_batches: 7 | reason: it is done, and every batch of it was refused: look at their reasons, and at the clock",
  ],
  drawn: [
    { draw: "1", winningNumber: 7574, agencies: 5, bets: 78_697, winners: 10, recovered: false },
    "INFO     action: sorteo | result: success",
    "INFO     action: draw_summary | result: success | draw: 1 | number: 7574 | agencies: 5 | bets: 78697 | winners: 10",
  ],
  "act-recorded": [
    {
      draw: "1",
      act: { deed: { kind: "close" }, atMs: 0, by: "ana", reason: "late" },
      closedOut: { first: [4 as AgencyId, 7 as AgencyId], more: 2 },
    },
    "INFO     action: record_act | result: success | draw: 1 | act: close | by: ana | reason: late | closed_out: 4, 7 and 2 more",
  ],
  "draw-taken": [
    {
      draw: "1",
      overview: {
        state: "open",
        agencies: 5,
        withBets: 4,
        bets: 100,
        done: 3,
        missing: { first: [1 as AgencyId, 2 as AgencyId], more: 0 },
      },
    },
    "INFO     action: take_draw | result: success | draw: 1 | state: open | agencies: 5 | done: 3 | with_bets: 4 | bets: 100 | waiting_for: 1, 2",
  ],
  "draw-let-go": [{ draw: "1" }, "INFO     action: let_go_draw | result: success | draw: 1"],
  "draw-not-opened": [
    { draw: "1", error: "no room" },
    "ERROR    action: open_draw | result: fail | draw: 1 | error: no room",
  ],
  "winners-searched": [
    { draw: "1", bets: 10, of: 20 },
    "INFO     action: search_winners | result: in_progress | draw: 1 | bets: 10 | of: 20",
  ],
  "clock-jumped": [
    { byMs: -3000 },
    "WARNING  action: watch_clock | result: fail | jumped_ms: -3000 | reason: the clock was set, or the machine was asleep; for a minute no draw closes or opens unless both times say so",
  ],
  "operators-let-in": [
    { path: "data/central.sock" },
    "INFO     action: open_operators_socket | result: success | path: data/central.sock",
  ],
  "operators-shut-out": [
    { reason: "no room" },
    "WARNING  action: open_operators_socket | result: fail | reason: no room",
  ],
  "draw-line-late": [
    {},
    "WARNING  action: tell_draw | result: in_progress | reason: the line of the draw has not left the process; the next start writes it again",
  ],
};

describe("the log of a central", () => {
  for (const [kind, [details, ...expected]] of Object.entries(EXAMPLES)) {
    it(`writes the lines of an event of the kind ${kind}`, () => {
      const logger = memoryLogger();
      eventsTo(logger).publish({ kind, ...details } as CentralEvent);
      assert.deepEqual(writtenLines(logger), expected);
    });
  }

  it("writes a stored bet that came singly by its document and number", () => {
    const [stored] = linesOf({ kind: "batch-stored", from: FROM, batch: BATCH, bet: BET });
    assert.deepEqual(stored?.line, {
      action: "apuesta_almacenada",
      result: "success",
      dni: "30904465",
      numero: 7574,
    });
  });

  it("writes no `apuesta_recibida` of a batch that was not judged because one before it is missing", () => {
    const why = { kind: "gap", expected: 2 } as const;
    assert.deepEqual(
      linesOf({ kind: "batch-refused", from: FROM, batch: BATCH, why }).map(
        ({ level, line }) => `${level} ${line.action} ${line["code"]} ${line["expected"]}`,
      ),
      ["debug refuse_batch GAP 2"],
    );
  });

  it("writes what was left out when all connections are gone, and takes no event once it is closed", () => {
    const events = new Feed();
    const logger = memoryLogger();
    const log = logEvents(events, logger, new FakeClock());
    for (let time = 0; time < 103; time++) {
      events.publish({ ...FAILED, from: PEER });
    }
    events.publish({ kind: "sessions-closed" });
    events.publish({ kind: "store-closed" });
    log.close();
    log.close();
    events.publish({ kind: "stopped", reason: "late" });
    assert.deepEqual(
      logger.events.slice(100).map(({ event }) => `${event.action} ${event["left_out"] ?? ""}`),
      ["log 3", "close_store "],
    );
  });

  it("writes once a second what was left out, until it is closed", () => {
    const events = new Feed();
    const logger = memoryLogger();
    const clock = new FakeClock();
    const log = logEvents(events, logger, clock);
    for (let time = 0; time < 103; time++) {
      events.publish({ ...FAILED, from: PEER });
    }
    clock.advance(1000);
    assert.deepEqual(
      logger.of("log").map((line) => line["left_out"]),
      [3],
    );
    log.close();
    assert.equal(clock.timers, 0);
  });

  it("takes no stored batch while its level is above INFO", () => {
    const events = new Feed();
    let level: LogLevel = "warning";
    logEvents(events, { ...silentLogger, enabled: (of) => of === level }, new FakeClock());
    assert.equal(events.hears("batch-stored"), false);
    assert.equal(events.hears("batch-refused"), true);
    level = "info";
    assert.equal(events.hears("batch-stored"), true);
  });

  it("loses one line, and not the log, when a line cannot be written", () => {
    const events = new Feed();
    const logger = memoryLogger();
    const broken: ConfirmingLogger = {
      ...logger,
      log(level, line) {
        if (line.action === "close_listener") throw new TypeError("it is a BigInt");
        logger.log(level, line);
      },
    };
    logEvents(events, broken, new FakeClock());
    events.publish({ kind: "listener-closed" });
    events.publish({ kind: "store-closed" });
    assert.deepEqual(writtenLines(logger), [
      "ERROR    action: log | result: fail | event: listener-closed | error: it is a BigInt",
      "INFO     action: close_store | result: success",
    ]);
  });

  it("P5 has not written the draw when the line of the draw cannot be written", async () => {
    const events = new Feed();
    const logger: ConfirmingLogger = {
      ...memoryLogger(),
      log(_, { action }) {
        if (action === "sorteo") throw new TypeError("it is a BigInt");
      },
    };
    logEvents(events, logger, new FakeClock());
    events.publish({ kind: "listener-opened" });
    assert.equal(await events.written(), true);
    const [drawn] = EXAMPLES.drawn;
    events.publish({ kind: "drawn", ...drawn });
    assert.equal(await events.written(), false);
  });

  for (const [why, expected] of [
    [
      { kind: "invalid", flaw: { index: 4, field: "number", reason: "is above 9999" } },
      "code: INVALID | index: 4 | field: number | reason: is above 9999",
    ],
    [{ kind: "late" }, "code: LATE"],
    [{ kind: "unknown-agency" }, "code: UNKNOWN_AGENCY"],
    [{ kind: "unknown-draw" }, "code: UNKNOWN_AGENCY"],
  ] as const) {
    it(`says why a batch is refused that is ${why.kind}`, () => {
      const logger = memoryLogger();
      eventsTo(logger).publish({ kind: "batch-refused", from: FROM, batch: BATCH, why });
      assert.deepEqual(writtenLines(logger), [
        "WARNING  action: apuesta_recibida | result: fail | cantidad: 20",
        `WARNING  action: refuse_batch | result: fail | agency: 1 | sequence: 3 | count: 20 | ${expected}`,
      ]);
    });
  }

  it("is documented: docs/logs.md names the action of every line", () => {
    const docs = readFileSync(join(root, "docs/logs.md"), "utf8");
    for (const [kind, [details]] of Object.entries(EXAMPLES)) {
      if (kind === "peer-noted") continue;
      for (const { level, line } of linesOf({ kind, ...details } as CentralEvent)) {
        if (level !== "debug") assert.ok(docs.includes(`\`${line.action}`), line.action);
      }
    }
  });
});
