import assert from "node:assert/strict";
import { it } from "node:test";
import { perform } from "../perform.ts";
import type { Plan, Show, Stage } from "../stage.ts";

const FLOWING: Plan = {
  mode: "echo",
  clients: 1,
  server: { loggingLevel: "DEBUG" },
  client: { loopAmount: 500, loopPeriod: "20ms" },
};

/** Exercise 4: SIGTERM ends each side with status 0 while messages are sent. */
export function stoppingScenarios(stage: Stage): void {
  it("SIGTERM ends the client while it sends 500 messages", async () => {
    await perform(stage, FLOWING, async (show) => {
      await someMessages(show);
      await show.stop(["client1"], 1);
      assert.equal(await show.feed.untilExit("client1"), 0);
      assertStopped(show, "client1");
      assert.equal(show.feed.lines("loop_finished", "client1").length, 0);
      assert.deepEqual(show.feed.exits("server"), [], "the server stays");
    });
  });

  it("SIGTERM ends the server while a client sends 500 messages", async () => {
    await perform(stage, FLOWING, async (show) => {
      await someMessages(show);
      await show.stop(["server"], 1);
      assert.equal(await show.feed.untilExit("server"), 0);
      assertStopped(show, "server");
    });
  });

  it("SIGTERM ends both while the client sends 500 messages", async () => {
    await perform(stage, FLOWING, async (show) => {
      await someMessages(show);
      await show.stop(["server", "client1"], 1);
      assert.equal(await show.feed.untilExit("server"), 0);
      assert.equal(await show.feed.untilExit("client1"), 0);
      assertStopped(show, "server");
      assertStopped(show, "client1");
    });
  });

  it("SIGTERM ends a server without clients", async () => {
    await perform(stage, { ...FLOWING, clients: 0 }, async (show) => {
      await show.feed.untilAction("accept_connections", "server");
      await show.stop(["server"], 1);
      assert.equal(await show.feed.untilExit("server"), 0);
      assertStopped(show, "server");
    });
  });

  it("SIGTERM ends both in the middle of a lottery", async () => {
    const plan: Plan = { ...FLOWING, mode: "lottery", clients: 2, data: ["A,B,1,2000-01-01,1\n"] };
    await perform(stage, { ...plan, services: ["server", "client1"] }, async (show) => {
      // Agency 1 is done and waits for agency 2, which never comes.
      await show.feed.untilAction("apuesta_recibida", "server");
      await show.stop(["server", "client1"], 1);
      assert.equal(await show.feed.untilExit("server"), 0);
      assertStopped(show, "server");
      assertStopped(show, "client1");
      // Its work is not finished, but a stop is not a failure.
      assert.equal(await show.feed.untilExit("client1"), 0);
      assert.deepEqual(show.feed.messages("consulta_ganadores"), []);
    });
  });
}

async function someMessages(show: Show): Promise<void> {
  await show.feed.untilAction("receive_message", "client1", 5);
}

/** Checks that the signal is logged, and that there is a line for everything that was closed. */
function assertStopped(show: Show, service: string): void {
  const lines = show.feed.lines(undefined, service);
  const signal = lines.findIndex(({ action }) => action === "receive_signal");
  assert.ok(signal >= 0, `${service} notes the signal`);
  assert.equal(lines[signal]?.details["signal"], "SIGTERM");
  const closings = lines.filter(({ action }) => action.startsWith("close_"));
  assert.deepEqual(
    closings.filter(({ result }) => result !== "success"),
    [],
  );
  const closed = (action: string): number =>
    closings.filter((closing) => closing.action === action).length;
  if (service === "server") {
    assert.equal(closed("close_listener"), 1);
    assert.equal(closed("close_store"), 1);
    const accepted = show.feed
      .lines("accept_connections", service)
      .filter(({ result }) => result === "success");
    assert.equal(closed("close_session"), accepted.length);
  } else {
    // Between two messages no connection is open: the last one was closed before the signal came.
    assert.ok(closed("close_connection") > 0);
  }
}
