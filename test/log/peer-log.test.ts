import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PeerLog } from "../../src/log/peer-log.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { accepted, batchReceived } from "../../src/log/mandated-lines.ts";
import type { LogEvent } from "../../src/log/logger.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";

const NOISY = { address: "10.0.0.1" };
const HONEST = { address: "10.0.0.2" };
const TROUBLE: LogEvent = { action: "query_winners", result: "fail", reason: "unknown-agency" };

function open(): { log: PeerLog; logger: MemoryLogger; clock: FakeClock } {
  const logger = memoryLogger();
  const clock = new FakeClock();
  return { log: new PeerLog(logger, clock), logger, clock };
}

/** The number of written lines of an action, and how many left out lines they count. */
function tally(logger: MemoryLogger, action: string): { lines: number; leftOut: number } {
  const events = logger.events
    .map(({ event }) => event)
    .filter((event) => event.action === action || String(event["lines"]).startsWith(action));
  const leftOut = events.reduce((sum, event) => sum + Number(event["left_out"] ?? 0), 0);
  return { lines: events.length, leftOut };
}

describe("P9: the log of what peers do", () => {
  it("writes the first lines of a cause as they are, then one a second that counts the others", () => {
    const { log, logger, clock } = open();
    for (let line = 0; line < 1000; line++) log.log(NOISY, "warning", TROUBLE);
    assert.deepEqual(tally(logger, "query_winners"), { lines: 100, leftOut: 0 });
    clock.advance(1000);
    for (let line = 0; line < 1000; line++) log.log(NOISY, "warning", TROUBLE);
    assert.deepEqual(logger.events.at(-1)?.event, { ...TROUBLE, left_out: 900 });
    assert.equal(logger.events.length, 101);
  });

  it("loses no line without counting it, however long the noise lasts", () => {
    const { log, logger, clock } = open();
    let logged = 0;
    for (let second = 0; second < 60; second++) {
      for (let line = 0; line < 50 * (second % 7); line++, logged++) {
        log.log(NOISY, "warning", TROUBLE);
      }
      clock.advance(1000);
      log.sweep();
    }
    // The last line of all counts these.
    for (let line = 0; line < 500; line++, logged++) log.log(NOISY, "warning", TROUBLE);
    log.close();
    const told = logger.of("log").length;
    const { lines, leftOut } = tally(logger, "query_winners");
    assert.equal(lines - told + leftOut, logged);
    assert.ok(lines <= 100 + 60 + 1);
  });

  it("never leaves out a peer's line because of another's noise", () => {
    const { log, logger } = open();
    for (let line = 0; line < 100_000; line++) log.log(NOISY, "warning", TROUBLE);
    const before = logger.events.length;
    log.log(HONEST, "warning", TROUBLE);
    assert.equal(logger.events.length, before + 1);
  });

  it("counts agencies of one address separately", () => {
    const { log, logger } = open();
    const refused = batchReceived("fail", 100);
    const [one, two] = [1 as AgencyId, 2 as AgencyId];
    for (let line = 0; line < 5000; line++) log.log({ ...NOISY, agency: one }, "warning", refused);
    const before = logger.events.length;
    log.log({ ...NOISY, agency: two }, "warning", refused);
    assert.equal(logger.events.length, before + 1);
  });

  it("logs every refused batch of an agency, and never changes a line of the exercise", () => {
    const { log, logger, clock } = open();
    const agency = 1 as AgencyId;
    const refused = batchReceived("fail", 100);
    for (let batch = 0; batch < 270; batch++) log.log({ ...HONEST, agency }, "warning", refused);
    assert.equal(logger.events.length, 270);
    for (let batch = 0; batch < 5000; batch++) log.log({ ...HONEST, agency }, "warning", refused);
    for (const event of logger.of("apuesta_recibida")) assert.deepEqual(event, refused);
    clock.advance(2000);
    log.sweep();
    assert.deepEqual(logger.of("log"), [
      {
        action: "log",
        result: "fail",
        ip: "10.0.0.2",
        agency: 1,
        lines: "apuesta_recibida fail",
        left_out: 270 + 5000 - 2000,
      },
    ]);
  });

  it("says once how many lines were left out when a cause has stopped", () => {
    const { log, logger, clock } = open();
    for (let line = 0; line < 150; line++) log.log(NOISY, "warning", TROUBLE);
    clock.advance(5000);
    log.sweep();
    clock.advance(5000);
    log.sweep();
    assert.deepEqual(
      logger.of("log").map((event) => event["left_out"]),
      [50],
    );
  });

  it("has a limited number of causes, whatever text and numbers peers send", () => {
    const { log, logger, clock } = open();
    for (let line = 0; line < 100_000; line++) {
      const error = `Cannot read message: ${line} is no number`;
      log.log(NOISY, "warning", { action: "protocol_violation", result: "fail", error });
    }
    assert.equal(logger.events.length, 100);
    // Very many addresses, one line each: those that do not fit into the table share one limit.
    for (let address = 0; address < 100_000; address++) {
      const ip = `10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`;
      log.log({ address: ip }, "info", accepted(ip));
    }
    assert.ok(logger.of("accept_connections").length <= 1024 + 2000);
    // One address that speaks for very many agencies.
    for (let agency = 1; agency <= 100_000; agency++) {
      log.log({ ...HONEST, agency: agency as AgencyId }, "warning", TROUBLE);
    }
    assert.ok(logger.of("query_winners").length <= 64 + 100);
    const before = logger.events.length;
    clock.advance(1000);
    log.sweep();
    assert.ok(logger.events.length - before <= 20);
  });

  it("forgets peers that have been quiet long enough", () => {
    const { log, logger, clock } = open();
    for (let address = 0; address < 2000; address++) {
      log.log({ address: `a${address}` }, "warning", TROUBLE);
    }
    clock.advance(3000);
    log.sweep();
    const before = logger.events.length;
    for (let address = 2000; address < 3000; address++) {
      log.log({ address: `a${address}` }, "warning", TROUBLE);
    }
    assert.equal(logger.events.length, before + 1000);
  });
});
