import assert from "node:assert/strict";
import { it } from "node:test";
import { WINNING_NUMBER } from "./agency-data.ts";
import { freePort } from "./free-port.ts";
import { assertNoFailure, playAndClose, stopServer } from "./perform.ts";
import { ProcessShow } from "./process-stage.ts";
import { cutFrames, openRecordingProxy } from "./recording-proxy.ts";

const PACKET_BYTES_MAX = 8192;
const BATCH = 0x02;
const DRAWN = 0x85;

it("no packet exceeds 8 kB, whatever the batch size, the names and the count of winners", async () => {
  const bets = 3000;
  const rows = Array.from({ length: bets }, (_, index) => {
    // Names of up to 200 bytes, of which half of the letters have two.
    const name = "Ñandú ".repeat(1 + (index % 24)).trim();
    return `${name},"O, ${name}",${10_000_000 + index},1990-12-31,${WINNING_NUMBER}\n`;
  });
  const plan = {
    mode: "lottery",
    clients: 1,
    client: { batchMaxAmount: 10_000 },
    data: [rows.join("")],
  } as const;
  const port = await freePort();
  const proxy = await openRecordingProxy(port);
  try {
    await playAndClose(new ProcessShow(plan, port, { clientPort: proxy.port }), async (show) => {
      await show.start(show.services);
      assert.equal(await show.feed.untilExit("client1"), 0);
      assert.deepEqual(show.feed.messages("consulta_ganadores", "client1"), [
        `action: consulta_ganadores | result: success | cant_ganadores: ${bets}`,
      ]);
      assertNoFailure(show);
      await stopServer(show);
    });
    const fromClient = proxy.recordings.flatMap((r) => cutFrames(r.fromClient, "QNL1"));
    const fromServer = proxy.recordings.flatMap((r) => cutFrames(r.fromServer, ""));
    for (const { type, bytes } of [...fromClient, ...fromServer]) {
      assert.ok(bytes <= PACKET_BYTES_MAX, `a packet of type ${type} has ${bytes} bytes`);
    }
    const batches = fromClient.filter(({ type }) => type === BATCH);
    // One more bet, of at most 500 bytes, would have fitted only into the last batch.
    for (const { bytes } of batches.slice(0, -1)) assert.ok(bytes > PACKET_BYTES_MAX - 500);
    assert.ok(fromServer.filter(({ type }) => type === DRAWN).length > 1, "winners take several");
  } finally {
    await proxy.close();
  }
});
