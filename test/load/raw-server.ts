import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { encodeCentral } from "../../src/protocols/dialects/native/encode.ts";
import { WELCOME as GREETED } from "../protocols/dialects/native/scripted-central.ts";

/** A server that does with each connection's bytes what a test wants. */
export async function startServer(
  t: TestContext,
  onData: (socket: Socket, chunk: Buffer) => void,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    socket.on("data", (chunk) => onData(socket, chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** The greeting for an agency of native. */
export const WELCOME = encodeCentral(GREETED);

export function isGreeting(chunk: Buffer): boolean {
  return chunk.includes("QNL1");
}

export function ack(sequence: number): Buffer {
  return encodeCentral({ kind: "ack", sequence, head: Buffer.alloc(32), done: false });
}

/** Whole frames of native. */
export function framesIn(bytes: Buffer): number {
  let frames = 0;
  for (let at = 0; at + 4 <= bytes.length; ) {
    at += 4 + bytes.readUInt32BE(at);
    if (at <= bytes.length) frames++;
  }
  return frames;
}
