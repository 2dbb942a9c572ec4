import assert from "node:assert/strict";
import { it } from "node:test";
import { perform, stopServer } from "../perform.ts";
import type { Impostor, Stage } from "../stage.ts";

const SUCCESS = { status: 0, output: "action: test_echo_server | result: success\n" };
const FAIL = { status: 1, output: "action: test_echo_server | result: fail\n" };

/** Exercise 3: validar-echo-server.sh accepts an echo and nothing else. */
export function echoValidationScenarios(stage: Stage): void {
  for (const mode of ["echo", "lottery"] as const) {
    it(`validar-echo-server.sh accepts the server in mode ${mode}, without clients`, async () => {
      await perform(stage, { mode, clients: 0 }, async (show) => {
        assert.deepEqual(await show.validate(), SUCCESS);
        await show.feed.untilAction("receive_message", "server");
        const [received] = show.feed.lines("receive_message", "server");
        assert.equal(received?.result, "success");
        await stopServer(show);
      });
    });
  }

  const impostors: readonly (readonly [Impostor, typeof SUCCESS])[] = [
    ["honest", SUCCESS],
    ["lying", FAIL],
    ["silent", FAIL],
  ];
  for (const [impostor, expected] of impostors) {
    it(`validar-echo-server.sh recognises another server as ${impostor}`, async () => {
      await perform(stage, { mode: "echo", clients: 0, impostor }, async (show) => {
        assert.deepEqual(await show.validate(), expected);
      });
    });
  }

  it("validar-echo-server.sh fails when there is no server", async () => {
    await perform(stage, { mode: "echo", clients: 0 }, async (show) => {
      await stopServer(show);
      assert.deepEqual(await show.validate(), FAIL);
    });
  });
}
