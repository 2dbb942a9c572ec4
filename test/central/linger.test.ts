import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { LINGER_MS } from "../../src/central/deadline.ts";
import { linesDialect } from "./lines-dialect.ts";
import { until } from "../support/turns.ts";
import { LINGER_BYTES_MAX } from "../../src/limits.ts";
import { type Played, playConnection } from "./played-connection.ts";

const CHUNK = Buffer.alloc(64 * 1024, "x");

/** A session that the central has ended, but not yet the peer. */
async function playEnded(t: TestContext): Promise<Played> {
  const played = playConnection(t, linesDialect);
  await played.connection.say("LINES\nBYE\n");
  await until(() => played.connection.writableFinished || played.connection.destroyed);
  return played;
}

describe("P9: central: a peer that goes on sending after the end", () => {
  it("is cut when it has sent more than can have been on its way", async (t) => {
    const { sessions, connection } = await playEnded(t);
    for (let said = 0; said < LINGER_BYTES_MAX; said += CHUNK.length) await connection.say(CHUNK);
    assert.equal(connection.destroyed, false);
    await connection.say("x");
    assert.equal(connection.destroyed, true);
    await until(() => sessions.size === 0);
  });

  it("is cut when its time is over, however little it sends", async (t) => {
    const { sessions, connection, clock } = await playEnded(t);
    // The first step only notices the end.
    clock.advance(1000);
    for (let ms = 0; ms < LINGER_MS; ms += 1000) {
      assert.equal(connection.destroyed, false);
      await connection.say("x");
      clock.advance(1000);
    }
    assert.equal(connection.destroyed, true);
    await until(() => sessions.size === 0);
  });

  it("is read to its end, and gets no answer, while it keeps to both limits", async (t) => {
    const { sessions, connection, logger } = await playEnded(t);
    for (let said = 0; said < 3; said++) await connection.say(CHUNK);
    connection.push(null);
    await until(() => sessions.size === 0);
    assert.equal(connection.heard().length, 0);
    assert.equal(logger.of("close_session")[0]?.["result"], "success");
  });
});
