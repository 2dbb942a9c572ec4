import assert from "node:assert/strict";
import { it } from "node:test";
import { assertNoFailure, clientNames, perform, stopServer } from "../perform.ts";
import type { Stage } from "../stage.ts";

/** Exercise 1: so many clients, so many messages, each answered and logged on both sides. */
export function echoScenarios(stage: Stage): void {
  for (const [clients, messages] of [
    [1, 1],
    [1, 3],
    [5, 5],
  ] as const) {
    it(`${clients} clients exchange ${messages} messages each`, async () => {
      const plan = { mode: "echo", clients, client: { loopAmount: messages } } as const;
      await perform(stage, plan, async (show) => {
        const names = clientNames(clients);
        for (const name of names) assert.equal(await show.feed.untilExit(name), 0);
        // When the client has the last answer, the server's line may still be on its way.
        await show.feed.untilAction("receive_message", "server", clients * messages);

        for (const [index, name] of names.entries()) {
          const id = index + 1;
          const expected = Array.from(
            { length: messages },
            (_, message) =>
              `action: receive_message | result: success | client_id: ${id} | msg: [CLIENT ${id}] Message N°${message + 1}`,
          );
          assert.deepEqual(show.feed.messages("receive_message", name), expected);
          assert.deepEqual(show.feed.messages("loop_finished", name), [
            `action: loop_finished | result: success | client_id: ${id}`,
          ]);
        }
        assertServerEchoed(show.feed.messages("receive_message", "server"), clients, messages);
        const accepts = show.feed.lines("accept_connections", "server");
        const accepted = accepts.filter(({ result }) => result === "success");
        assert.equal(accepted.length, clients * messages);
        for (const { message } of accepted) {
          assert.match(
            message,
            /^action: accept_connections \| result: success \| ip: \d+\.\d+\.\d+\.\d+$/,
          );
        }
        assert.equal(
          accepts[0]?.message,
          "action: accept_connections | result: in_progress",
          "the server says that it waits before it says that it got something",
        );
        assertNoFailure(show);
        assert.deepEqual(show.feed.exits("server"), [], "the server outlives its clients");
        await stopServer(show);
      });
    });
  }
}

/** Every message of every client, once, and each client's in the order in which it sent them. */
function assertServerEchoed(lines: readonly string[], clients: number, messages: number): void {
  assert.equal(lines.length, clients * messages);
  for (let id = 1; id <= clients; id++) {
    const own = lines.filter((line) => line.includes(`| msg: [CLIENT ${id}] `));
    const expected = Array.from({ length: messages }, (_, index) => index + 1).map(
      (message) =>
        new RegExp(
          String.raw`^action: receive_message \| result: success \| ip: \d+\.\d+\.\d+\.\d+ \| msg: \[CLIENT ${id}\] Message N°${message}$`,
        ),
    );
    assert.equal(own.length, messages);
    for (const [index, pattern] of expected.entries()) assert.match(own[index] ?? "", pattern);
  }
}
