import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { bytewise, pieces } from "../cuts.ts";
import { bet, bets } from "../plain-bets.ts";
import type { Where } from "../spoken.ts";
import { WatchedDesk } from "../watched-desk.ts";
import { assertSays, BettingPeer } from "./betting-peer.ts";
import { BETTING } from "./spoken.ts";

// What the course's own centrals do wrong, or die of, and what hostile peers send. In every dialect.

const FIRST = encodeLines([bet()]).toString();

for (const spoken of BETTING) {
  const { name, manners } = spoken;
  const who = `a central that speaks ${name}`;

  /** A peer at the place where something is to be said; behind a batch that is stored, or not. */
  async function peersAt(where: Where | undefined): Promise<[BettingPeer, string, Where][]> {
    const places = where === undefined ? (["first", "later"] as const) : [where];
    return Promise.all(
      places.map(async (place): Promise<[BettingPeer, string, Where]> => {
        const peer = new BettingPeer(spoken);
        if (place === "first") return [peer, "", place];
        assert.deepEqual(await peer.batch(bet()), ["yes"]);
        return [peer, FIRST, place];
      }),
    );
  }

  describe(`${who} (${seedNote})`, () => {
    for (const { what, where, count, bytes } of spoken.refused) {
      for (const [how, cut] of [
        ["whole", (message: Buffer) => [message]],
        ["byte by byte", bytewise],
      ] as const) {
        it(`${who} refuses a batch with ${what}, ${how}, and stores nothing of it`, async () => {
          for (const [peer, stored, place] of await peersAt(where)) {
            const message = bytes(place === "first" ? 1 : 2);
            assertSays(
              `${who}, to a batch with ${what}, ${place}`,
              await peer.say(...cut(message)),
              manners.refusal.says,
            );
            assert.equal(peer.ended, manners.refusal.ends, place);
            assert.deepEqual(peer.desk.refusedCounts, [count], place);
            assert.equal(peer.desk.lines, stored, place);
            // Others go on, and so does this one where it may.
            const other = new BettingPeer(spoken, peer.desk, { agency: 2 });
            assert.deepEqual(await other.batch(bet({ agency: 2 as AgencyId })), ["yes"], place);
            if (!manners.refusal.ends) assert.deepEqual(await peer.batch(bet()), ["yes"], place);
          }
        });
      }
    }

    for (const { what, where, bytes, code } of spoken.violations) {
      it(`${who} ends at ${what}, with a line in the log`, async () => {
        for (const cut of [[bytes], bytewise(bytes)]) {
          for (const [peer, stored, place] of await peersAt(where)) {
            const said = await peer.say(...cut);
            assertSays(`${who}, to ${what}, ${place}`, said, manners.violation(code));
            assert.deepEqual(peer.served.complaints, [code], place);
            assert.equal(peer.ended, true, place);
            assert.equal(peer.desk.lines, stored, place);
          }
        }
      });
    }

    it(`${who} has no trouble with a peer that connects and closes, saying nothing`, async () => {
      const { served } = new BettingPeer(spoken);
      assert.equal(served.conversation.awaiting, "greeting");
      await served.end();
      assert.equal(served.ended, true);
      assert.deepEqual(served.peer.events, []);
      assert.equal(served.clock.timers, 0);
    });

    it(`${who} serves others beside silent connections and half a message`, async () => {
      const desk = new WatchedDesk(1);
      const silent = [new BettingPeer(spoken, desk), new BettingPeer(spoken, desk)];
      const { hello } = spoken.speak();
      const beginning = hello.length > 0 ? hello : spoken.speak().batch(bet());
      await silent[1]?.served.say(beginning.subarray(0, 2));
      assert.deepEqual(await new BettingPeer(spoken, desk).batch(bet()), ["yes"]);
      for (const { served } of silent) assert.equal(served.conversation.awaiting, "greeting");
    });

    it(`${who} takes a batch however it comes in segments`, async () => {
      const sent = bets(120);
      for (const sizes of [[1], [1448], [1, 9000], [2, 3, 9000], [4, 2, 16, 9000], [5, 9000]]) {
        const peer = new BettingPeer(spoken);
        const message = peer.speaker.batch(...sent);
        assert.deepEqual(await peer.say(...pieces(message, sizes)), ["yes"], String(sizes));
        assert.equal(peer.desk.lines, encodeLines(sent).toString());
      }
    });

    it(`${who} takes a first message that is cut in two anywhere`, async () => {
      const speaker = spoken.speak();
      const message = Buffer.concat([speaker.hello, speaker.batch(bet())]);
      for (let at = 1; at < message.length; at++) {
        const { served, desk } = new BettingPeer(spoken);
        const said = await served.say(message.subarray(0, at), message.subarray(at));
        assert.deepEqual(said, ["yes"], `cut at ${at}`);
        assert.equal(desk.lines, FIRST);
      }
    });

    it(`${who} stores names with marks in them as they are`, async () => {
      const peer = new BettingPeer(spoken);
      const sent = spoken.oddBets.map((odd) => bet(odd));
      assert.deepEqual(await peer.batch(...sent), ["yes"]);
      assert.equal(peer.desk.lines, encodeLines(sent).toString());
    });

    it(`${who} takes a message as long as its limit, and none that is longer`, async () => {
      const message = spoken.speak().batch(...bets(3));
      const limited = (bytes: number): BettingPeer => {
        const limits = { frameBytesMax: bytes, courseFrameBytesMax: bytes };
        return new BettingPeer(spoken, new WatchedDesk(1), { limits });
      };
      assert.deepEqual(await limited(message.length).say(message), ["yes"]);
      for (const chunks of [[message], bytewise(message)]) {
        const peer = limited(message.length - 1);
        assert.deepEqual(await peer.say(...chunks), manners.violation("FRAME_TOO_LARGE"));
        assert.deepEqual(peer.served.complaints, ["FRAME_TOO_LARGE"]);
        assert.equal(peer.ended, true);
        assert.equal(peer.desk.lines, "");
      }
    });

    if (spoken.has("spoiledBatches")) {
      it(`${who} never stores a part of a batch of which a few bytes are others now`, async () => {
        const { length } = spoken.speak().batch(...bets(5));
        const change = fc.tuple(fc.nat({ max: length - 1 }), fc.nat({ max: 255 }));
        const changes = fc.array(change, { minLength: 1, maxLength: 3 });
        await fc.assert(
          fc.asyncProperty(changes, async (wounds) => {
            const peer = new BettingPeer(spoken);
            const bytes = peer.speaker.batch(...bets(5));
            for (const [at, byte] of wounds) bytes[at] = byte;
            const allowed = spoken.storedOfSpoiled?.(bytes) ?? [0, 5];
            await peer.say(bytes);
            await peer.served.end();
            const rows = peer.desk.lines.split("\r\n").length - 1;
            assert.ok(allowed.includes(rows), `${rows} are stored, not ${allowed.join(" or ")}`);
            // Another byte may say another agency: the batch is whole, and all of it is that agency's.
            assert.match(peer.desk.lines, /^(?:([1-9]\d*),[^\n]*\r\n(?:\1,[^\n]*\r\n)*)?$/);
          }),
          { seed, numRuns: 300 },
        );
      });
    }

    it(`${who} survives whatever bytes come, and leaves no timer behind`, async () => {
      const anything = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
      const said = fc.array(fc.oneof(spoken.noise, anything), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(said, fc.boolean(), async (chunks, greets) => {
          const peer = new BettingPeer(spoken);
          const { served } = peer;
          await (greets ? peer.say(...chunks) : served.say(...chunks));
          await served.end();
          await served.wait(5000);
          served.close();
          assert.equal(served.clock.timers, 0);
          const errors = served.peer.events.filter(({ kind }) => kind === "conversation-failed");
          assert.deepEqual(errors, []);
          assert.match(served.desk.lines, /^(?:\d+,[^\n]*\r\n)*$/);
        }),
        { seed, numRuns: 100 },
      );
    });
  });
}
