import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { startFixture } from "../../central/fixture.ts";
import { turns } from "../../support/turns.ts";
import { type Opening, OPENINGS, STRANGERS } from "./first-bytes.ts";

/** One opening of each dialect that this build speaks. */
const openings = DIALECTS.flatMap(({ name }) => {
  const opening = OPENINGS.find(({ dialect }) => dialect === name);
  return opening === undefined ? [] : [opening];
});

const TURNED_AWAY = ["HTTP GET", "TLS hello", "SSH", "CR LF", "bytes of ones"];

describe("a central's port, spoken to in every dialect", () => {
  for (const opening of openings) {
    it(`serves ${opening.dialect} whose first bytes come one by one`, async (t) => {
      const { connect, sessionClosed, logger } = await startFixture(t, { dialects: DIALECTS });
      const peer = await connect();
      peer.socket.setNoDelay(true);
      for (const byte of opening.bytes.subarray(0, 200)) peer.write(Buffer.of(byte));
      peer.socket.end();
      assert.equal((await sessionClosed())["dialect"], opening.dialect);
      assert.deepEqual(logger.of("recognise_protocol"), []);
    });

    it(`turns ${opening.dialect} away by name where it is left out`, async (t) => {
      const { connect, logger, sessionClosed } = await startFixture(t, {
        dialects: DIALECTS.filter(({ name }) => name !== opening.dialect),
        disabledDialects: DIALECTS.filter(({ name }) => name === opening.dialect),
      });
      const peer = await connect();
      peer.write(opening.bytes);
      await peer.ended;
      peer.socket.end();
      assert.deepEqual(logger.of("recognise_protocol"), [
        {
          action: "recognise_protocol",
          result: "fail",
          ip: "127.0.0.1",
          error: "DIALECT_DISABLED",
          dialect: opening.dialect,
          bytes: firstBytes(opening),
        },
      ]);
      assert.equal((await sessionClosed())["reason"], "dialect disabled");
      assert.equal(peer.unread, "");
    });
  }

  for (const what of TURNED_AWAY) {
    it(`turns ${what} away without a word`, async (t) => {
      const { connect, logger, sessionClosed } = await startFixture(t, { dialects: DIALECTS });
      const peer = await connect();
      const bytes = STRANGERS[what] ?? assert.fail();
      peer.write(bytes);
      await peer.ended;
      peer.socket.end();
      const [line, ...more] = logger.of("recognise_protocol");
      assert.equal(line?.["error"], "UNKNOWN_PROTOCOL");
      assert.equal(line?.["bytes"], firstBytes({ bytes }));
      assert.deepEqual(more, []);
      assert.equal((await sessionClosed())["reason"], "unknown protocol");
      assert.equal(peer.unread, "");
    });
  }

  for (const [what, bytes] of [
    ["says nothing", Buffer.alloc(0)],
    ["says no more than the hello of fixed70", Buffer.of(0, 0, 0, 1)],
    ["says no more than a digit", Buffer.from("1")],
  ] as const) {
    it(`ends a connection that ${what} when its time is over`, async (t) => {
      const { connect, clock, logger, sessionClosed } = await startFixture(t, {
        dialects: DIALECTS,
      });
      const peer = await connect();
      peer.write(bytes);
      await logger.waitFor(({ ip }) => ip !== undefined);
      await turns(20);
      clock.advance(9999);
      assert.deepEqual(logger.of("close_session"), []);
      clock.advance(1000);
      await peer.ended;
      assert.equal((await sessionClosed())["reason"], "no first message within 10000 ms");
    });
  }
});

function firstBytes({ bytes }: Pick<Opening, "bytes">): string {
  return bytes.toString("hex", 0, 32);
}
