import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import type { DialContext, LinkError } from "../../src/protocols/agency-link.ts";
import { Asker, pauseBetween } from "../../src/protocols/kit/asker.ts";
import { createFrameDecoder } from "../../src/protocols/kit/frame-decoder.ts";
import { ProtocolError } from "../../src/protocols/protocol-error.ts";
import type { StartTimer } from "../../src/protocols/timers.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turn } from "./scripted-desk.ts";

const ANSWER_TIMEOUT_MS = 1000;

/** A central of two-byte answers, whose side of the connection the test holds. */
class Stage {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  readonly centralSides: Duplex[] = [];
  readonly heard: string[] = [];
  refuses = false;

  readonly timer: StartTimer = (callback, delayMs) => this.clock.after(delayMs, callback);

  get context(): DialContext {
    return {
      agency: 1 as AgencyId,
      draw: "",
      connect: async () => {
        if (this.refuses) throw new Error("nobody listens");
        const [ours, theirs] = duplexPair();
        theirs.on("data", (chunk: Buffer) => this.heard.push(chunk.toString()));
        this.centralSides.push(theirs);
        return ours;
      },
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      frameBytesMax: 8192,
      signal: this.abort.signal,
    };
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

  say(text: string): void {
    this.centralSides.at(-1)?.write(text);
  }
}

const code = (name: LinkError["code"]) => ({ name: "LinkError", code: name });

describe("an asker", () => {
  it("asks, in one write each, and hears the answers, in however many pieces", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const first = asker.ask(Buffer.from("one"));
    await turn();
    stage.say("a");
    await turn();
    stage.say("1");
    assert.equal(await first, "a1");
    asker.tell(Buffer.from("by the way"));
    const second = asker.ask(Buffer.from("two"));
    stage.say("a2");
    assert.equal(await second, "a2");
    assert.deepEqual(stage.heard, ["one", "by the way", "two"]);
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
    stage.say("a1");
    assert.equal(await answer, "a1");
    await asker.close();
    assert.equal(stage.clock.timers, 0);
  });

  it("asks one thing at a time", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    assert.throws(() => asker.ask(Buffer.from("two")), RangeError);
    stage.say("a1");
    assert.equal(await answer, "a1");
    assert.deepEqual(stage.heard, ["one"]);
    await asker.close();
  });

  it("does not believe a central that answers what was not asked", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    stage.say("a1");
    await turn();
    await assert.rejects(asker.ask(Buffer.from("one")), code("CENTRAL_UNSOUND"));
    await asker.close();
  });

  it("does not believe bytes that are no answer", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    stage.say("!!");
    await assert.rejects(answer, code("CENTRAL_UNSOUND"));
    await asker.close();
  });

  it("tells of an end of the connection, now and later", async () => {
    const stage = new Stage();
    const asker = await stage.open();
    const answer = asker.ask(Buffer.from("one"));
    stage.centralSides[0]?.end();
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
    stage.refuses = true;
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
