import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createLogger, type LoggerOptions } from "../../src/log/create-logger.ts";
import { drawPerformed } from "../../src/log/mandated-lines.ts";

/** A logger into a file, and how to read what it wrote. */
function logger(t: TestContext, options: Partial<LoggerOptions>) {
  const dir = mkdtempSync(join(tmpdir(), "quiniela-log-"));
  const file = join(dir, "log");
  const fd = openSync(file, "a");
  t.after(() => {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });
  const log = createLogger({ side: "central", level: "info", format: "text", fd, ...options });
  return { log, written: () => readFileSync(file, "utf8") };
}

describe("a logger", () => {
  it("writes events of its level or above", async (t) => {
    const { log, written } = logger(t, { level: "warning", clock: () => 0 });
    assert.deepEqual(
      (["debug", "info", "warning", "error", "critical"] as const).map((level) =>
        log.enabled(level),
      ),
      [false, false, true, true, true],
    );
    log.log("info", { action: "quiet", result: "success" });
    log.log("error", { action: "loud", result: "fail" });
    await log.close();
    assert.match(written(), /^\S+ \S+ ERROR {4}action: loud \| result: fail\n$/);
  });

  it("shows the right time from second to second", async (t) => {
    let now = new Date(2024, 7, 21, 22, 11, 59, 998).getTime();
    const { log, written } = logger(t, { side: "agency", clock: () => now++ });
    for (let line = 0; line < 4; line++) log.log("info", drawPerformed());
    now -= 10_000;
    log.log("info", drawPerformed());
    await log.close();
    assert.deepEqual(
      written()
        .split("\n")
        .map((line) => line.slice(11, 19)),
      ["22:11:59", "22:11:59", "22:12:00", "22:12:00", "22:11:50", ""],
    );
  });

  it("writes JSON when asked", async (t) => {
    const { log, written } = logger(t, { format: "json", clock: () => 1724278275123 });
    log.log("info", { action: "accept_connections", result: "success", ip: "10.0.0.7" });
    await log.close();
    assert.equal(
      written(),
      '{"time":"2024-08-21T22:11:15.123Z","level":"info","side":"central","action":"accept_connections","result":"success","ip":"10.0.0.7"}\n',
    );
  });

  it("ignores events after close, and may be closed twice", async (t) => {
    const { log, written } = logger(t, {});
    await Promise.all([log.close(), log.close()]);
    log.log("critical", drawPerformed());
    log.flush();
    assert.equal(log.enabled("critical"), false);
    assert.equal(written(), "");
  });

  it("gives up at a descriptor that takes nothing", async () => {
    // A number that is open in no process.
    const log = createLogger({ side: "central", level: "info", format: "text", fd: 99_999 });
    log.log("info", drawPerformed());
    log.flush();
    log.log("info", drawPerformed());
    await log.close();
    assert.equal(log.enabled("critical"), false);
  });

  it("leaves no listener behind", async (t) => {
    const before = process.listenerCount("exit");
    const { log } = logger(t, {});
    assert.equal(process.listenerCount("exit"), before + 1);
    await log.close();
    assert.equal(process.listenerCount("exit"), before);
  });
});
