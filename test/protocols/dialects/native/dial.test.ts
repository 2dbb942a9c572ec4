import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nativeDialect } from "../../../../src/protocols/dialects/native/dialect.ts";
import { encodeCentral, encodeClient } from "../../../../src/protocols/dialects/native/encode.ts";
import type { CentralMessage } from "../../../../src/protocols/dialects/native/wire.ts";
import { headAfter, turn } from "../../scripted-desk.ts";
import { ANSWER_TIMEOUT_MS } from "../../fake-central.ts";
import { outgoing, ScriptedCentral, WELCOME } from "./scripted-central.ts";

describe("dialling", () => {
  it("greets with the agency and the draw, and learns where it stands", async () => {
    const central = new ScriptedCentral();
    const dialled = central.dial({ draw: "navidad" });
    assert.deepEqual(await central.hear(), {
      kind: "hello",
      agency: 1,
      draw: "navidad",
      credentials: Buffer.alloc(0),
    });
    central.say({ ...WELCOME, draw: "navidad", nextSequence: 8, bets: 70, head: headAfter(7) });
    const link = await dialled;
    assert.deepEqual(link.standing, {
      nextSequence: 8,
      bets: 70,
      head: headAfter(7),
      done: false,
    });
    assert.equal(link.chainKnown, true);
    assert.equal(link.window, 64);
    await link.close();
  });

  it("passes on that the chain is unknown, the window, and that the agency is done", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ chainKnown: false, bets: 9, window: 2, done: true });
    assert.equal(link.chainKnown, false);
    assert.equal(link.window, 2);
    assert.equal(link.standing?.done, true);
    await link.close();
  });

  it("takes a WELCOME that comes byte by byte", async () => {
    const central = new ScriptedCentral();
    const dialled = central.dial();
    for (const byte of encodeCentral(WELCOME)) central.centralSide.write(Buffer.of(byte));
    await (await dialled).close();
  });

  it("measures batches as they are on the wire", () => {
    const { measure } = nativeDialect.dialer ?? assert.fail();
    const { sequence, bets, lines } = outgoing(1, 3);
    const bytes = encodeClient({ kind: "batch", sequence, count: 3, lines }).length;
    const [bet] = bets;
    assert.ok(bet !== undefined);
    assert.equal(measure.overheadBytes + 3 * measure.betBytes(bet, lines.length / 3, 0), bytes);
  });

  const refusals: [string, CentralMessage, object][] = [
    ["an unknown agency", error("UNKNOWN_AGENCY"), { code: "REFUSED", transient: false }],
    ["an unknown draw", error("UNKNOWN_DRAW"), { code: "REFUSED", transient: false }],
    ["a central that stops", error("STOPPING"), { code: "CONNECTION_LOST", transient: true }],
    ["a session that timed out", error("TIMEOUT"), { code: "CONNECTION_LOST", transient: true }],
    [
      "a busy central",
      { kind: "busy", sequence: 0, retryAfterMs: 700 },
      { code: "CENTRAL_BUSY", retryAfterMs: 700, transient: true },
    ],
    ["another draw than was asked for", { ...WELCOME, draw: "2" }, { code: "CENTRAL_UNSOUND" }],
    [
      "another message than WELCOME",
      { kind: "ack", sequence: 1, head: headAfter(1), done: false },
      { code: "CENTRAL_UNSOUND", message: "Cannot trust the central: it answers HELLO with ACK" },
    ],
  ];
  for (const [what, message, failure] of refusals) {
    it(`fails with ${what}, and closes the connection`, async () => {
      const central = new ScriptedCentral();
      const dialled = central.dial({ draw: "1" });
      await central.hear();
      central.say(message);
      await assert.rejects(dialled, failure);
      assert.equal(central.agencySide.destroyed, true);
    });
  }

  it("fails when the central ends, resets, or answers garbage", async () => {
    const ends = new ScriptedCentral();
    ends.centralSide.end();
    await assert.rejects(ends.dial(), { code: "CONNECTION_ENDED" });

    const resets = new ScriptedCentral();
    const dialled = resets.dial();
    await resets.hear();
    const cause = new Error("ECONNRESET");
    resets.agencySide.destroy(cause);
    await assert.rejects(dialled, { code: "CONNECTION_LOST", cause });

    const garbage = new ScriptedCentral();
    garbage.centralSide.write(Buffer.from("HTTP/1.1 400 Bad Request\r\n"));
    await assert.rejects(garbage.dial(), { code: "CENTRAL_UNSOUND" });

    const gone = new ScriptedCentral();
    gone.agencySide.destroy();
    await assert.rejects(gone.dial(), { code: "CONNECTION_LOST" });
  });

  it("fails when no WELCOME comes in time", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const central = new ScriptedCentral();
    const dialled = central.dial();
    await central.hear();
    const failed = assert.rejects(dialled, {
      code: "CONNECTION_LOST",
      message: "Cannot go on with the central: no answer came within 5000 ms",
    });
    t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
    await turn();
    assert.equal(central.agencySide.destroyed, false);
    t.mock.timers.tick(1);
    await failed;
    assert.equal(central.agencySide.destroyed, true);
  });

  it("is given up with its signal, before and while it waits", async () => {
    const central = new ScriptedCentral();
    const dialled = central.dial();
    await central.hear();
    central.abort.abort(new Error("enough"));
    await assert.rejects(dialled, { code: "CONNECTION_LOST", cause: central.abort.signal.reason });
    assert.equal(central.agencySide.destroyed, true);

    const late = new ScriptedCentral();
    late.abort.abort();
    await assert.rejects(late.dial(), { code: "CONNECTION_LOST" });
    assert.equal(late.agencySide.destroyed, true);
  });
});

function error(code: Extract<CentralMessage, { kind: "error" }>["code"]): CentralMessage {
  return { kind: "error", code, fatal: true, text: "go away" };
}
