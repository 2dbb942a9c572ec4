import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createCentralDecoder } from "../../src/protocols/dialects/native/decode.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import {
  type CentralMessage,
  FRAME_BYTES_MAX,
  PREFACE,
} from "../../src/protocols/dialects/native/wire.ts";

/** How long a draw took. */
export interface FinishedDraw {
  /** From the last DONE to the first DRAWN, in milliseconds. */
  readonly drawMs: number;
  /** From the last DONE until the last agency has all its winners, in milliseconds. */
  readonly lastWinnersMs: number;
  readonly bets: number;
}

/** Sends the DONE of agencies 1 to `agencies` for what the central has, and waits for the draw. */
export async function finishDraw(port: number, agencies: number): Promise<FinishedDraw> {
  const peers = await Promise.all(
    Array.from({ length: agencies }, (_, index) => Peer.greet(port, index + 1)),
  );
  try {
    const [last, ...others] = peers.toReversed();
    if (last === undefined) throw new RangeError("A draw needs an agency");
    for (const peer of others) {
      peer.sayDone();
      await peer.next("ack");
    }
    const drawn = peers.map(async (peer) => {
      await peer.next("drawn");
      const firstMs = performance.now();
      await peer.restOfDrawn();
      return { firstMs, lastMs: performance.now() };
    });
    const saidMs = performance.now();
    last.sayDone();
    const times = await Promise.all(drawn);
    return {
      drawMs: Math.min(...times.map(({ firstMs }) => firstMs)) - saidMs,
      lastWinnersMs: Math.max(...times.map(({ lastMs }) => lastMs)) - saidMs,
      bets: peers.reduce((sum, { bets }) => sum + bets, 0),
    };
  } finally {
    for (const peer of peers) peer.close();
  }
}

type Kind = CentralMessage["kind"];

class Peer {
  bets = 0;
  readonly #socket: Socket;
  readonly #messages: AsyncGenerator<CentralMessage>;
  #batches = 0;
  #head: Uint8Array = Buffer.alloc(0);
  #winnersLeft = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#messages = messagesOf(socket);
  }

  static async greet(port: number, agency: number): Promise<Peer> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    const peer = new Peer(socket);
    const credentials = Buffer.alloc(0);
    const hello = encodeClient({ kind: "hello", agency, draw: "", credentials });
    socket.write(Buffer.concat([PREFACE, hello]));
    const welcome = await peer.next("welcome");
    peer.#batches = welcome.nextSequence - 1;
    peer.bets = welcome.bets;
    peer.#head = Buffer.from(welcome.head);
    return peer;
  }

  sayDone(): void {
    const { bets } = this;
    this.#socket.write(
      encodeClient({ kind: "done", batches: this.#batches, bets, head: this.#head }),
    );
  }

  /** The next message of this kind; acknowledgements before it are skipped. */
  async next<Wanted extends Kind>(
    wanted: Wanted,
  ): Promise<Extract<CentralMessage, { kind: Wanted }>> {
    for (;;) {
      const step = await this.#messages.next();
      if (step.done === true) throw new Error(`The central hung up before ${wanted}`);
      const message = step.value;
      if (message.kind === "drawn") {
        this.#winnersLeft = message.total - message.index - message.documents.length;
      }
      if (message.kind === wanted) return message as Extract<CentralMessage, { kind: Wanted }>;
      if (message.kind !== "ack") {
        throw new Error(`The central said ${JSON.stringify(message)} instead of ${wanted}`);
      }
    }
  }

  async restOfDrawn(): Promise<void> {
    while (this.#winnersLeft > 0) await this.next("drawn");
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function* messagesOf(socket: Socket): AsyncGenerator<CentralMessage> {
  const decoder = createCentralDecoder({ frameBytesMax: FRAME_BYTES_MAX });
  for await (const chunk of socket) {
    for (const decoded of decoder.push(chunk as Buffer)) {
      if (decoded.kind === "violation") throw decoded.error;
      yield decoded.message;
    }
  }
}
