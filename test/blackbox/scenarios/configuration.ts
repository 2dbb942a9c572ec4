import assert from "node:assert/strict";
import { it } from "node:test";
import { assertNoFailure, perform } from "../perform.ts";
import type { Stage } from "../stage.ts";

const CLIENT_FILES = [
  { loopAmount: 5, loopPeriod: "100ms", logLevel: "DEBUG" },
  { loopAmount: 2, loopPeriod: "250ms", logLevel: "INFO" },
] as const;

const SERVER_FILES = [
  { listenBacklog: 8, loggingLevel: "DEBUG" },
  { listenBacklog: 16, loggingLevel: "INFO" },
] as const;

/** Exercise 2: a change in the files takes effect without a build. */
export function configurationScenarios(stage: Stage): void {
  for (const client of CLIENT_FILES) {
    it(`a client does what its file says: ${Object.values(client).join(", ")}`, async () => {
      await perform(stage, { mode: "echo", clients: 1, client }, async (show) => {
        assert.equal(await show.feed.untilExit("client1"), 0);
        const [config] = show.feed.lines("config", "client1");
        assert.match(
          config?.message ?? "",
          new RegExp(
            String.raw`^action: config \| result: success \| client_id: 1 \| server_address: [a-z0-9.]+:\d+ \| loop_amount: ${client.loopAmount} \| loop_period: ${client.loopPeriod} \| log_level: ${client.logLevel}$`,
          ),
        );
        assert.equal(show.feed.lines("receive_message", "client1").length, client.loopAmount);
        assertNoFailure(show);
      });
    });
  }

  for (const server of SERVER_FILES) {
    it(`the server does what its file says: ${Object.values(server).join(", ")}`, async () => {
      await perform(stage, { mode: "echo", clients: 1, server }, async (show) => {
        assert.equal(await show.feed.untilExit("client1"), 0);
        await show.feed.untilAction("receive_message", "server", 3);
        const { listenBacklog, loggingLevel } = server;
        const configured = show.feed.messages("config", "server");
        const debugging = show.feed.sightings.some(
          (seen) =>
            seen.kind === "line" && seen.source === "server" && seen.text.includes(" DEBUG "),
        );
        if (loggingLevel === "DEBUG") {
          assert.match(
            configured[0] ?? "",
            new RegExp(
              String.raw`^action: config \| result: success \| port: \d+ \| listen_backlog: ${listenBacklog} \| logging_level: ${loggingLevel}$`,
            ),
          );
        }
        // As in the exercise the server's own line about its configuration is a DEBUG line.
        assert.equal(configured.length, loggingLevel === "DEBUG" ? 1 : 0);
        assert.equal(debugging, loggingLevel === "DEBUG");
        assertNoFailure(show);
      });
    });
  }
}
