import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import * as fc from "fast-check";
import { TURN_SHARES } from "../../src/central/rounds.ts";
import { readInto } from "../../src/central/shared-reads.ts";
import type { Conversation } from "../../src/protocols/conversation.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { createFrameDecoder, FrameDecoder } from "../../src/protocols/kit/frame-decoder.ts";
import { startFixture } from "./fixture.ts";
import { turns, until } from "../support/turns.ts";
import { seed, seedNote } from "../support/seed.ts";
import { playConnection } from "./played-connection.ts";

/**
 * Each letter is a message; after the first one it may pause. It notes where its chunks were in
 * memory.
 */
class Letters implements Conversation<string> {
  readonly decoder: WatchedLetters = new WatchedLetters();
  readonly waitsFor = "central";
  readonly #firstTakesTime: boolean;
  occupied = false;
  taken = "";
  #stirred = false;

  constructor({ firstTakesTime = true } = {}) {
    this.#firstTakesTime = firstTakesTime;
  }

  stirred(): void {
    this.#stirred = true;
  }

  take(letter: string): void {
    this.taken += letter;
    if (this.#stirred) this.occupied = this.#firstTakesTime;
    this.#stirred = false;
  }

  violated(): void {}
  ended(): void {}
  stopping(): void {}
  closed(): void {}
}

class WatchedLetters extends FrameDecoder<string> {
  readonly memories: unknown[] = [];
  retained = 0;

  constructor() {
    super({ measure: () => 1, parse: (frame) => frame.toString("latin1") });
  }

  override feed(chunk: Uint8Array): void {
    this.memories.push(chunk.buffer);
    super.feed(chunk);
  }

  override retain(): void {
    this.retained++;
    super.retain();
  }
}

/** Serves each connection with the next of these. */
function dialectOf(conversations: readonly Letters[]): { dialect: Dialect; goOn: (() => void)[] } {
  const goOn: (() => void)[] = [];
  const dialect: Dialect = {
    name: "letters",
    recognise: () => "yes",
    serve({ peer }) {
      const conversation = conversations[goOn.length] ?? assert.fail("one connection too many");
      goOn.push(() => {
        conversation.occupied = false;
        peer.proceed();
      });
      return conversation;
    },
  };
  return { dialect, goOn };
}

describe("central: connections are read into memory that they share", () => {
  it("are decoded in place, and the rest of a chunk is kept before the next read", async (t) => {
    const conversations = [new Letters(), new Letters()] as const;
    const { dialect, goOn } = dialectOf(conversations);
    const { connect: open } = await startFixture(t, { dialects: [dialect] });
    for (const conversation of conversations) {
      const peer = await open();
      peer.write("a");
      await until(() => conversation.taken === "a");
      goOn.at(-1)?.();
      peer.write("bcd");
      await until(() => conversation.taken === "ab");
    }
    const decoders = conversations.map(({ decoder }) => decoder);
    // The first chunk of a connection shows its dialect and is copied for that.
    assert.equal(decoders[0]?.memories[1], decoders[1]?.memories[1]);
    assert.deepEqual(
      decoders.map(({ retained }) => retained),
      [1, 1],
    );
    // By now the bytes of the others are where those of the first one were.
    for (const go of goOn) go();
    await turns(5);
    assert.deepEqual(
      conversations.map(({ taken }) => taken),
      ["abcd", "abcd"],
    );
  });

  it(`lose nothing when the session's turn ends inside a chunk, ${seedNote}`, async (t) => {
    const shortOnes = fc.nat({ max: 6 });
    const longOnes = fc.nat({ max: 2 * TURN_SHARES.session.work });
    const lengths = fc.array(fc.oneof(shortOnes, longOnes), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(lengths, async (chunks) => {
        const conversation = new Letters({ firstTakesTime: false });
        const { connection } = playConnection(t, dialectOf([conversation]).dialect);
        const text = lettersOf(chunks.reduce((sum, length) => sum + length, 1));
        // The first chunk shows the dialect; the others may come within one turn of the loop.
        await connection.say(text.slice(0, 1));
        const memory = Buffer.alloc(2 * TURN_SHARES.session.work);
        let at = 1;
        for (const length of chunks.filter((length) => length > 0)) {
          await until(() => !connection.isPaused());
          const written = memory.write(text.slice(at, (at += length)), "latin1");
          connection.emit("data", memory.subarray(0, written));
          // Another connection is read into the same memory.
          memory.fill("#");
        }
        await until(() => conversation.taken.length === text.length);
        assert.equal(conversation.taken, text);
        connection.destroy();
      }),
      { seed, numRuns: 200 },
    );
  });

  it("use a socket unchanged if it cannot read into given memory", async (t) => {
    const { accepted, client } = await connection(t);
    const handle: unknown = Reflect.get(accepted, "_handle");
    Reflect.set(accepted, "_handle", withoutBuffers(handle));
    const socket = readInto(Buffer.alloc(16), accepted);
    assert.equal(socket, accepted);
    Reflect.set(accepted, "_handle", handle);
    socket.resume();
    client.write("hello");
    const chunk = await new Promise((resolve) => socket.once("data", resolve));
    assert.equal(String(chunk), "hello");
  });

  it("end, pause and report like a normal socket", async (t) => {
    const { accepted, client } = await connection(t);
    const memory = Buffer.alloc(16);
    const socket = readInto(memory, accepted);
    // There is no second socket: ten thousand sockets that are made and thrown away take memory,
    // too.
    assert.equal(socket, accepted);
    assert.equal(socket.remoteAddress, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      socket.pause();
    });
    client.write("0123456789abcdefXYZ");
    await until(() => text.length === memory.length);
    await turns(5);
    assert.equal(text, "0123456789abcdef");
    socket.resume();
    await until(() => text.endsWith("XYZ"));
    const ended = new Promise<void>((resolve) => socket.once("end", resolve));
    client.end();
    socket.resume();
    await ended;
    assert.ok(socket.writable);
  });
});

describe(`a frame decoder whose chunks are used again (${seedNote})`, () => {
  it("yields the same messages wherever it has to keep the rest of a chunk", () => {
    const codec = {
      // A length of one byte, then so many bytes.
      measure: (bytes: Buffer, at: number) => 1 + (bytes[at] ?? 0),
      parse: (frame: Buffer) => frame.toString("hex", 1),
    };
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (bodies, cuts, retains) => {
          const wire = Buffer.concat(bodies.map((body) => Buffer.from([body.length, ...body])));
          const ends = [...cuts.filter((cut) => cut < wire.length), wire.length].toSorted(
            (a, b) => a - b,
          );
          const memory = Buffer.alloc(wire.length);
          const decoder = createFrameDecoder(codec);
          const messages: string[] = [];
          let from = 0;
          let step = 0;
          for (const end of ends) {
            const bytes = wire.copy(memory, 0, from, end);
            from = end;
            for (const decoded of decoder.push(memory.subarray(0, bytes))) {
              assert.equal(decoded.kind, "message");
              if (decoded.kind === "message") messages.push(decoded.message);
              if (retains[step++ % retains.length] !== true) continue;
              decoder.retain();
              memory.fill(0xee);
            }
            memory.fill(0xee);
          }
          assert.deepEqual(
            messages,
            bodies.map((body) => Buffer.from(body).toString("hex")),
          );
        },
      ),
      { seed },
    );
  });
});

function lettersOf(length: number): string {
  return "abcdefghijklmnopqrstuvwxyz".repeat(Math.ceil(length / 26)).slice(0, length);
}

/** A handle like that of a Node version whose sockets are made in another way. */
function withoutBuffers(handle: unknown): unknown {
  return { owner: handle };
}

/** Both ends of a connection; the accepted one is paused. */
async function connection(t: TestContext): Promise<{ accepted: Socket; client: Socket }> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const arrival = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = connect(port, "127.0.0.1");
  const accepted = await arrival;
  t.after(() => client.destroy());
  t.after(() => accepted.destroy());
  return { accepted, client };
}
