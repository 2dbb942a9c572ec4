import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { freePort } from "../blackbox/free-port.ts";
import { playAndClose } from "../blackbox/perform.ts";
import { ProcessShow } from "../blackbox/process-stage.ts";
import { runCli } from "../support/run-cli.ts";
import { RawDraw } from "../fire/raw-draw.ts";
import { untilPublished } from "../blackbox/until-published.ts";

const AGENCIES = 2;

const title =
  "P8 P10: a second central is refused while the first one runs, and starts at once when it is killed";
// With a limit: a second central that is not refused would go on for ever.
it(title, { timeout: 60_000 }, async () => {
  const port = await freePort();
  const show = new ProcessShow({ mode: "lottery", clients: AGENCIES }, port);
  const dir = await show.serverData();
  const draw = new RawDraw({ port, agencies: AGENCIES, betsEach: 400, batchBets: 2, window: 1 });
  const [agency] = draw.agencies;
  assert.ok(agency !== undefined);
  try {
    await playAndClose(show, async () => {
      await show.start(["server"]);
      const settings = ["--agencies", `${AGENCIES}`, "--data-dir", dir];
      const second = await runCli(["central", "--port", "0", "--bind", "127.0.0.1", ...settings]);
      assert.equal(second.status, 1);
      assert.match(second.stderr, /STORE_LOCKED/);
      assert.ok(second.stderr.includes(join(dir, "1")), second.stderr);

      // The first one has noticed nothing and still takes bets.
      const acknowledged = new Promise<void>((resolve) => {
        agency.onAnswer = () => {
          if (agency.acknowledged > 0) resolve();
        };
      });
      draw.begin();
      await acknowledged;
      await show.kill("server");
      await draw.quiet();
      draw.assertSound(join(dir, "1"), show.feed, false);
      await show.start(["server"]);
      await draw.ended();
      await untilPublished(join(dir, "1"));
      await show.stop(["server"], 1);
      assert.deepEqual(show.feed.exits("server"), [137, 0]);
      draw.assertSound(join(dir, "1"), show.feed, true);
    });
  } finally {
    draw.stop();
  }
});
