import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { createRandom } from "../../../../src/generate/random.ts";
import { seed, seedNote } from "../../../support/seed.ts";
import { readConnection, readConnections, type RecordedConnection } from "../../transcript.ts";
import { agency, CONFIRMATION, u32, ZERO } from "./bytes.ts";
import { hex, sentBets, turnsBy } from "./recorded.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";
import type { Served } from "../../served.ts";

type Cut = (bytes: Buffer) => Buffer[];

const whole: Cut = (bytes) => [bytes];
const byteByByte: Cut = (bytes) => Array.from(bytes, (byte) => Buffer.of(byte));

interface Replayed {
  readonly connection: RecordedConnection;
  readonly served: Served;
  /** What our central said to each turn of the client. */
  readonly said: string[];
}

interface ReplayOptions {
  readonly desk?: WatchedDesk;
  readonly cut?: Cut;
  /** Of each client; the rest is left out. */
  readonly turns?: number;
}

/** Plays the client's side of all connections against our central, one after the other. */
async function replay(
  connections: readonly RecordedConnection[],
  { desk = new WatchedDesk(5), cut = whole, turns = Infinity }: ReplayOptions = {},
): Promise<Replayed[]> {
  const replayed: Replayed[] = [];
  for (const connection of connections) {
    const served = serve(desk);
    const said: string[] = [];
    for (const bytes of turnsBy(connection, "client").slice(0, turns)) {
      said.push((await served.say(...cut(bytes))).join(""));
    }
    replayed.push({ connection, served, said });
  }
  // Those who asked before the last agency was done have their answers by now.
  for (const { served, said } of replayed) said.push((await served.answers()).join(""));
  return replayed;
}

/** Agency 2 has a bet on this number, which the recorded servers store. Ours knows 0 to 9999. */
const TOO_LARGE = 75_740;
const INSTEAD = 5740;

/** A folder's recordings with {@link INSTEAD} in place of the number that no bet can have. */
function playable(folder: string): RecordedConnection[] {
  return readConnections("fixed70", folder).map((connection) => ({
    ...connection,
    pieces: connection.pieces.map((piece) => ({ ...piece, bytes: withSmallNumber(piece.bytes) })),
  }));
}

function withSmallNumber(recordedBytes: Buffer): Buffer {
  const bytes = Buffer.from(recordedBytes);
  const at = bytes.indexOf(u32(TOO_LARGE));
  if (at >= 0) bytes.writeUInt32BE(INSTEAD, at);
  return bytes;
}

function playableBets(folder: string, number: number): Bet[] {
  return sentBets(folder, number).map((bet) =>
    bet.number === TOO_LARGE ? { ...bet, number: INSTEAD } : bet,
  );
}

function answered({ said }: Replayed): string[] {
  return said.filter((answer) => answer !== "");
}

function recorded({ connection }: Replayed): string[] {
  return hex(turnsBy(connection, "server"));
}

/** The agency's connection alone, the other four being done. */
async function replayAlone(connection: RecordedConnection, cut: Cut): Promise<Replayed> {
  const desk = new WatchedDesk(5);
  for (let other = 1; other <= 5; other++) {
    if (other !== connection.agency) await desk.done(agency(other));
  }
  const [replayed] = await replay([connection], { desk, cut });
  return replayed ?? assert.fail();
}

describe("recorded clients of fixed70 against our central", () => {
  for (const folder of ["", "ej7", "edge-empty-field"]) {
    it(`are answered as they were: ${folder || "final version"}`, async () => {
      const desk = new WatchedDesk(5);
      for (const each of await replay(playable(folder), { desk })) {
        assert.deepEqual(answered(each), recorded(each), each.connection.name);
        assert.ok(each.served.ended);
      }
      const bets = [1, 2, 3, 4, 5].flatMap((number) => playableBets(folder, number));
      assert.equal(desk.lines, encodeLines(bets).toString());
    });
  }

  it("one of which has a bet on a number above 9999: its batch is refused whole", async () => {
    const desk = new WatchedDesk(5);
    const [each] = await replay([readConnection("fixed70", "2-2")], { desk });
    assert.deepEqual(each && answered(each), [CONFIRMATION]);
    assert.ok(each?.served.ended);
    assert.equal(desk.lines, encodeLines(sentBets("", 2).slice(0, 3)).toString());
  });

  it("of exercise 6 are answered as they were", async () => {
    const desk = new WatchedDesk(5);
    for (const each of await replay(playable("ej6"), { desk })) {
      assert.deepEqual(answered(each), recorded(each), each.connection.name);
      assert.ok(each.served.ended);
    }
    const bets = [1, 2, 3].flatMap((number) => playableBets("ej6", number));
    assert.equal(desk.lines, encodeLines(bets).toString());
    assert.equal(desk.book.state, "open");
  });

  it("of exercise 5 are answered as they were, cut at every byte", async () => {
    const connection = readConnection("fixed70", "ej5/1-1");
    for (let at = 0; at <= 70; at++) {
      const cut: Cut = (bytes) => [bytes.subarray(0, at), bytes.subarray(at)];
      const [each] = await replay([connection], { cut });
      assert.deepEqual(each && answered(each), [Buffer.from("ACK").toString("hex")]);
    }
  });

  // Different from the recorded server, which takes the empty batch for the end of all bets.
  it("whose files fill their last batch get its confirmation first, then their winners", async () => {
    const connections = playable("edge-exact-multiple");
    // Client 3 sends a second zero by itself; the others do once they have the confirmation.
    const replayed = await replay(connections, { turns: 3 });
    for (const each of replayed) {
      assert.deepEqual(answered(each), [CONFIRMATION, CONFIRMATION, CONFIRMATION]);
      each.said.push(...(await each.served.say(ZERO)));
    }
    for (const each of replayed) {
      each.said.push(...(await each.served.answers()));
      assert.deepEqual(answered(each).slice(3), recorded(each).slice(2), each.connection.name);
    }
  });

  // Different from the recorded server in that the other agencies wait for the one that was refused.
  it("one of which cuts a name within a letter: it is refused, and the others are served", async () => {
    const desk = new WatchedDesk(5);
    const replayed = await replay(playable("edge-utf8-cut"), { desk });
    const [cut, ...others] = replayed;
    assert.deepEqual(cut && answered(cut), []);
    assert.ok(cut?.served.ended);
    for (const each of others) {
      assert.deepEqual(answered(each), recorded(each).slice(0, -1), each.connection.name);
      assert.equal(each.served.conversation.awaiting, "central");
    }
    await desk.done(agency(1));
    for (const each of others) {
      assert.deepEqual(await each.served.answers(), recorded(each).slice(-1));
    }
    const bets = [2, 3, 4, 5].flatMap((number) => playableBets("edge-utf8-cut", number));
    assert.equal(desk.lines, encodeLines(bets).toString());
  });

  it("are answered as they were when their bytes come one by one", async () => {
    for (const connection of playable("")) {
      const each = await replayAlone(connection, byteByByte);
      assert.deepEqual(answered(each), recorded(each), connection.name);
    }
  });

  it("are answered as they were, each message cut in two at every byte", async () => {
    const connection = readConnection("fixed70", "1-1");
    const longest = Math.max(...turnsBy(connection, "client").map(({ length }) => length));
    for (let at = 1; at < longest; at++) {
      const each = await replayAlone(connection, (bytes) => [
        bytes.subarray(0, at),
        bytes.subarray(at),
      ]);
      assert.deepEqual(answered(each), recorded(each), `${at} bytes`);
    }
  });

  it(`are answered as they were, cut at random (${seedNote})`, async () => {
    const random = createRandom(seed);
    const cut: Cut = (bytes) => {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + random.below(random.pick([3, 40, 200]));
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      return chunks;
    };
    for (const folder of ["", "ej6", "ej7", "edge-empty-field"]) {
      for (const each of await replay(playable(folder), { cut })) {
        assert.deepEqual(answered(each), recorded(each), each.connection.name);
      }
    }
  });
});
