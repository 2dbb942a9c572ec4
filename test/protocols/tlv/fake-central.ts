import { type Duplex, duplexPair } from "node:stream";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import type { Connect, DialContext, OutgoingBatch } from "../../../src/protocols/agency-link.ts";

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

export function dialContext(connect: Connect, agency = 1): DialContext {
  return {
    agency: agency as AgencyId,
    draw: "",
    connect,
    answerTimeoutMs: 60_000,
    frameBytesMax: 8192,
    signal: new AbortController().signal,
  };
}

export function outgoing(bets: readonly Bet[], sequence = 1): OutgoingBatch {
  return { sequence, bets, lines: encodeLines(bets) };
}

/** `bets` in batches of at most `size`. */
export function batchesOf(bets: readonly Bet[], size: number): OutgoingBatch[] {
  const batches: OutgoingBatch[] = [];
  for (let at = 0; at < bets.length; at += size) {
    batches.push(outgoing(bets.slice(at, at + size), batches.length + 1));
  }
  return batches;
}

/** What a link is told when everything is sent; tlv carries none of it. */
export const CLAIM = { batches: 0, bets: 0, head: Buffer.alloc(32) };
