import { duplexPair } from "node:stream";
import type { Connect } from "../../../../src/protocols/agency-link.ts";

/** What the central does with a frame: says pieces, ends the connection, breaks it, or nothing. */
export type Reply = readonly Uint8Array[] | "end" | "break" | "silence";

/** One connection that the agency made. */
export interface Heard {
  /** Everything that it said. */
  bytes: Buffer;
  /** How many writes that took. */
  writes: number;
  ended: boolean;
}

/**
 * A central that hears md5-frames and answers each as a test says. As the course's own it does not end a
 * connection, but leaves that to the agency.
 */
export class FakeCentral {
  readonly heard: Heard[] = [];
  readonly #reply: (frame: Buffer, connection: number) => Reply;

  /** @param reply is given the frame, and on which connection it came, from 0 */
  constructor(reply: (frame: Buffer, connection: number) => Reply) {
    this.#reply = reply;
  }

  /** Everything that the agency has said, a connection at a time. */
  get bytes(): Buffer[] {
    return this.heard.map(({ bytes }) => bytes);
  }

  readonly connect: Connect = () => {
    const [agency, central] = duplexPair();
    const connection: Heard = { bytes: Buffer.alloc(0), writes: 0, ended: false };
    const index = this.heard.push(connection) - 1;
    central.on("data", (chunk: Buffer) => {
      connection.writes++;
      connection.bytes = Buffer.concat([connection.bytes, chunk]);
      const { bytes } = connection;
      if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE()) return;
      const reply = this.#reply(bytes, index);
      if (reply === "break") agency.destroy(new Error("reset by peer"));
      else if (reply === "end") central.end();
      else if (reply !== "silence") for (const piece of reply) central.write(piece);
    });
    central.on("end", () => {
      connection.ended = true;
      central.end();
    });
    return Promise.resolve(agency);
  };
}
