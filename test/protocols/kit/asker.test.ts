import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LinkError } from "../../../src/protocols/agency-link.ts";
import { Asker, pauseBetween } from "../../../src/protocols/kit/asker.ts";
import { createFrameDecoder } from "../../../src/protocols/kit/frame-decoder.ts";
import { ProtocolError } from "../../../src/protocols/protocol-error.ts";
import { ANSWER_TIMEOUT_MS, FakeCentral } from "../fake-central.ts";
import { turn } from "../scripted-desk.ts";

/** A central of two-byte answers; whatever an agency writes at once is a message. */
class Stage extends FakeCentral {
  constructor() {
    super({
      createDecoder: () => ({
        push: (chunk) => [{ kind: "message", message: { said: chunk } }],
        end: () => undefined,
        midFrame: false,
      }),
    });
  }

  open(): Promise<Asker<string>> {
    return Asker.open(this.options);
  }

  get options() {
    return {
      context: this.context,
      startTimer: this.timer,
      createDecoder: () =>
        createFrameDecoder<string>({
          measure: () => 2,
          parse: (frame) => {
            if (frame[0] === 0x21) throw new ProtocolError("MALFORMED", "Cannot decode answer");
            return frame.toString();
          },
        }),
    };
  }

  answer(text: string): void {
    this.centralSide.write(text);
  }

  get messages(): string[] {
    return this.last.messages.map(String);
  }
}

const code = (name: LinkError["code"]) => ({ name: "LinkError", code: name });

describe("an asker", () => {
  it("asks, in one write each, and hears the answers, in however many pieces", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const first = asker.ask(Buffer.from("one"));
    await turn();
    stage.answer("a");
    await turn();
    stage.answer("1");
    assert.equal(await first, "a1");
    asker.tell(Buffer.from("by the way"));
    const second = asker.ask(Buffer.from("two"));
    stage.answer("a2");
    assert.equal(await second, "a2");
    assert.deepEqual(stage.messages, ["one", "by the way", "two"]);
    await asker.close();
  });

  it("gives up an answer that does not come in time", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    const failed = assert.rejects(answer, code("CONNECTION_LOST"));
    stage.clock.advance(ANSWER_TIMEOUT_MS);
    await failed;
    await asker.close();
  });

  it("waits for the draw as long as it takes", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("who won"), "draw");
    stage.clock.advance(10 * ANSWER_TIMEOUT_MS);
    stage.answer("a1");
    assert.equal(await answer, "a1");
    await asker.close();
    assert.equal(stage.clock.timers, 0);
  });

  it("asks one thing at a time", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    assert.throws(() => asker.ask(Buffer.from("two")), RangeError);
    stage.answer("a1");
    assert.equal(await answer, "a1");
    assert.deepEqual(stage.messages, ["one"]);
    await asker.close();
  });

  it("does not believe a central that answers what was not asked", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    stage.answer("a1");
    await turn();
    await assert.rejects(asker.ask(Buffer.from("one")), code("CENTRAL_UNSOUND"));
    await asker.close();
  });

  it("does not believe bytes that are no answer", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    stage.answer("!!");
    await assert.rejects(answer, code("CENTRAL_UNSOUND"));
    await asker.close();
  });

  it("tells of an end of the connection, now and later", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    stage.centralSide.end();
    await assert.rejects(answer, code("CONNECTION_ENDED"));
    await assert.rejects(asker.ask(Buffer.from("two")), code("CONNECTION_ENDED"));
    assert.throws(() => asker.tell(Buffer.from("three")), code("CONNECTION_ENDED"));
    await asker.close();
  });

  it("ends when the agency stops", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("who won"), "draw");
    stage.abort.abort(new Error("stopping"));
    await assert.rejects(answer, code("CONNECTION_LOST"));
    await asker.close();
  });

  it("says that nobody answers the connect", async () => {
    const stage = new Stage();
    stage.absent = true;
    await assert.rejects(stage.open(), code("CONNECT_FAILED"));
  });
});

describe("a pause between questions", () => {
  it("ends in time, and leaves nothing behind", async () => {
    const stage = new Stage();
    let over = false;
    const pause = pauseBetween(500, stage.context, stage.timer).then(() => (over = true));
    stage.clock.advance(499);
    await turn();
    assert.equal(over, false);
    stage.clock.advance(1);
    await pause;
    assert.equal(stage.clock.timers, 0);
  });

  it("ends when the agency stops", async () => {
    const stage = new Stage();
    const pause = pauseBetween(500, stage.context, stage.timer);
    stage.abort.abort(new Error("stopping"));
    await assert.rejects(pause, code("CONNECTION_LOST"));
    assert.equal(stage.clock.timers, 0);
    await assert.rejects(pauseBetween(500, stage.context, stage.timer), code("CONNECTION_LOST"));
  });
});
