import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { formatText } from "../../src/log/format-text.ts";
import {
  accepted,
  accepting,
  agencyConfigured,
  answerFailed,
  answerReceived,
  batchReceived,
  betSent,
  betStored,
  centralConfigured,
  drawPerformed,
  loopFinished,
  winnersQueried,
} from "../../src/log/mandated-lines.ts";
import { LOG_LEVELS, type LogEvent, type LogLevel } from "../../src/log/logger.ts";
import { root } from "../support/paths.ts";

const TIME = new Date(2024, 7, 21, 22, 11, 15);

/** Every line that the exercise mandates, then one line of each level. */
const MANDATED: readonly (readonly [LogLevel, LogEvent])[] = [
  ["debug", centralConfigured({ port: 12345, listenBacklog: 5, loggingLevel: "DEBUG" })],
  [
    "info",
    agencyConfigured({
      clientId: "1",
      serverAddress: "server:12345",
      loopAmount: 5,
      loopPeriod: "5s",
      logLevel: "DEBUG",
    }),
  ],
  ["info", accepting()],
  ["info", accepted("172.25.125.3")],
  [
    "info",
    {
      action: "receive_message",
      result: "success",
      ip: "172.25.125.3",
      msg: "[CLIENT 1] Message N°1",
    },
  ],
  ["info", answerReceived("1", "[CLIENT 1] Message N°1")],
  ["error", answerFailed("1", "EOF")],
  ["info", loopFinished("1")],
  ["info", betSent("30904465", 7574)],
  ["info", betStored("30904465", 7574)],
  ["info", batchReceived("success", 100)],
  ["error", batchReceived("fail", 100)],
  ["info", drawPerformed()],
  ["info", winnersQueried(2)],
  ...LOG_LEVELS.map((level) => [level, { action: "level", result: "success" }] as const),
];

describe("the mandated lines", () => {
  for (const side of ["central", "agency"] as const) {
    it(`are exactly those of golden/log/${side}.txt`, () => {
      const lines = MANDATED.map(([level, event]) => `${formatText(side, level, event, TIME)}\n`);
      const golden = readFileSync(join(root, "test", "golden", "log", `${side}.txt`), "utf8");
      assert.equal(lines.join(""), golden);
    });
  }
});

describe("the central's lines", () => {
  const python = spawnSync("python3", ["-c", "import logging"]).status === 0;

  it("are those that Python's logging writes with the exercise's format", { skip: !python }, () => {
    const script = `
import logging, sys
formatter = logging.Formatter(fmt="%(asctime)s %(levelname)-8s %(message)s", datefmt="%Y-%m-%d %H:%M:%S")
for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
    record = logging.LogRecord("", level, "", 0, "action: level | result: success", None, None)
    record.created = ${TIME.getTime() / 1000}
    print(formatter.format(record))`;
    const made = spawnSync("python3", ["-c", script], { encoding: "utf8" });
    const event: LogEvent = { action: "level", result: "success" };
    const lines = LOG_LEVELS.map((level) => `${formatText("central", level, event, TIME)}\n`);
    assert.equal(made.stdout, lines.join(""));
  });
});
