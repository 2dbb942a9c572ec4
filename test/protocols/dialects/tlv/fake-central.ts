import { type Duplex, duplexPair } from "node:stream";
import type { Connect } from "../../../../src/protocols/agency-link.ts";

/** What the central does with a packet: says pieces, or ends the connection. */
export type Reply = readonly Uint8Array[] | "end" | "break" | "silence";

/** One connection that the agency made. */
export interface Heard {
  /** Whole packets, in order. */
  readonly packets: Buffer[];
  /** Bytes of each chunk, as they came. */
  readonly chunks: number[];
  ended: boolean;
}

/** A central that hears tlv packets, and answers each as a test says. */
export class FakeCentral {
  readonly heard: Heard[] = [];
  readonly #reply: (packet: Buffer, connection: number) => Reply;

  /** @param reply is given the packet, and on which connection it came, from 0 */
  constructor(reply: (packet: Buffer, connection: number) => Reply) {
    this.#reply = reply;
  }

  /** Everything the agency has said, a connection at a time. */
  get bytes(): Buffer[] {
    return this.heard.map(({ packets }) => Buffer.concat(packets));
  }

  readonly connect: Connect = () => {
    const [ours, theirs] = duplexPair();
    this.#serve(theirs, ours);
    return Promise.resolve(ours);
  };

  #serve(stream: Duplex, agency: Duplex): void {
    const connection: Heard = { packets: [], chunks: [], ended: false };
    const index = this.heard.push(connection) - 1;
    let bytes: Buffer = Buffer.alloc(0);
    stream.on("data", (chunk: Buffer) => {
      connection.chunks.push(chunk.length);
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
        const packet = bytes.subarray(0, 5 + bytes.readUInt32BE(1));
        bytes = bytes.subarray(packet.length);
        connection.packets.push(packet);
        const reply = this.#reply(packet, index);
        if (reply === "break") agency.destroy(new Error("reset by peer"));
        else if (reply === "end") stream.end();
        else if (reply !== "silence") for (const piece of reply) stream.write(piece);
      }
    });
    stream.on("end", () => {
      connection.ended = true;
      stream.end();
    });
  }
}
