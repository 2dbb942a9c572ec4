import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AgencyLink, LinkError } from "../../../src/protocols/agency-link.ts";
import { dialContext } from "../dial-context.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { type Interference, Network } from "../network.ts";
import { bet, outgoing } from "../plain-bets.ts";
import { type SpokenVersion, VERSIONS } from "./spoken.ts";

// An agency whose central fails it in place of an answer, in everything that an agency can speak. What a
// dialect's own answers mean to it is tested in its folder.

/** Bytes that are no answer in any dialect, and no beginning of one. */
const GARBAGE = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n\n\n");

const ASKS: Record<string, (link: AgencyLink) => Promise<unknown>> = {
  send: (link: AgencyLink) => link.send(outgoing([bet()])),
  sendSingle: (link: AgencyLink) => link.sendSingle(outgoing([bet()])),
  done: (link: AgencyLink) => link.done({ batches: 0, bets: 0, head: Buffer.alloc(32) }),
  results: (link: AgencyLink) => link.results(),
};

/** An agency that has been greeted, if it greets; from then on the network interferes. */
async function dialled(
  version: SpokenVersion,
  interferes: Interference,
): Promise<{ network: Network; link: AgencyLink }> {
  const network = new Network(version.spoken.dialect, new MemoryDesk(2));
  const dialer = version.createDialer(network.timer);
  const link = await network.play(network.dial(dialer, 1));
  network.interference = interferes;
  return { network, link };
}

for (const version of VERSIONS) {
  const { name, spoken, dialer } = version;
  const draws = dialer.drawless !== true;
  /** What is answered, or awaited, in this version. */
  const asks = Object.entries(ASKS).filter(([what]) => {
    if (what === "done") return draws && spoken.has("done");
    return what !== "results" || draws;
  });

  const who = `an agency that speaks ${name}`;

  describe(who, () => {
    for (const [what, interferes, code] of [
      ["ends the connection", "end", "CONNECTION_ENDED"],
      ["breaks the connection", "break", "CONNECTION_LOST"],
      ["says what is no answer", GARBAGE, "CENTRAL_UNSOUND"],
    ] as const) {
      for (const [asked, ask] of asks) {
        const waits = interferes === "end" && spoken.manners.endsBeforeDraw === version.version;
        if (asked === "results" && waits) continue;
        it(`${who} fails in ${asked} when the central ${what}, and stays failed`, async () => {
          const { network, link } = await dialled(version, interferes);
          await assert.rejects(network.play(ask(link)), { name: "LinkError", code });
          await network.play(link.close());
          await assert.rejects(network.play(link.send(outgoing([bet()]))), LinkError);
          await network.play(link.close());
          await network.close();
          assert.equal(network.clock.timers, 0);
        });
      }
    }

    for (const [asked, ask] of asks.filter(([what]) => what !== "results")) {
      it(`${who} gives up in ${asked} when no answer comes in time`, async () => {
        const { network, link } = await dialled(version, "silence");
        await assert.rejects(network.play(ask(link)), { code: "CONNECTION_LOST" });
        await network.play(link.close());
        await network.close();
      });
    }

    for (const [asked, ask] of asks) {
      it(`${who} stops in ${asked} when it is told to, leaving no timer`, async () => {
        const { network, link } = await dialled(version, "silence");
        const answer = ask(link);
        await network.until(answer, 500);
        network.stop();
        await assert.rejects(answer, { code: "CONNECTION_LOST" });
        await network.play(link.close());
        await network.close();
        assert.equal(network.clock.timers, 0);
      });
    }

    it(`${who} fails as connecting does`, async () => {
      const refused = new LinkError("CONNECT_FAILED", "nobody there");
      const nobody = dialContext(() => Promise.reject(refused));
      await assert.rejects(dialer.dial(nobody), refused);
      const cause = new Error("ECONNREFUSED");
      const broken = dialContext(() => Promise.reject(cause));
      await assert.rejects(dialer.dial(broken), { code: "CONNECT_FAILED", cause });
    });

    if (spoken.has("places")) {
      it(`${who} cannot tell where it stands, and sends one batch at a time`, async () => {
        const { network, link } = await dialled(version, "silence");
        assert.deepEqual([link.standing, link.chainKnown, link.window], [undefined, false, 1]);
        await network.play(link.close());
        await network.play(link.close());
        await network.close();
      });
    }
  });
}
