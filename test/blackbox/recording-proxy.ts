import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";

/** All bytes of one connection, in both directions. */
export interface Recording {
  readonly fromClient: Buffer[];
  readonly fromServer: Buffer[];
}

export interface RecordingProxy {
  readonly port: number;
  readonly recordings: readonly Recording[];
  close(): Promise<void>;
}

/**
 * Runs between clients and a server of this machine and keeps everything that passes.
 *
 * @param options.pieceBytes passes everything on, both ways, in pieces of no more than this
 * @param options.onBytes told how many bytes have just been passed on; without pieces only
 */
export async function openRecordingProxy(
  serverPort: number,
  options: { readonly pieceBytes?: number; readonly onBytes?: (bytes: number) => void } = {},
): Promise<RecordingProxy> {
  const { pieceBytes, onBytes = () => undefined } = options;
  const recordings: Recording[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const recording: Recording = { fromClient: [], fromServer: [] };
    recordings.push(recording);
    const server = connect({ port: serverPort, host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to, record] of [
      [client, server, recording.fromClient],
      [server, client, recording.fromServer],
    ] as const) {
      if (pieceBytes === undefined) forward(from, to, record, onBytes);
      else void forwardPieces(from, to, record, pieceBytes);
    }
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    recordings,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

function forward(
  from: Socket,
  to: Socket,
  record: Buffer[],
  onBytes: (bytes: number) => void,
): void {
  from.on("data", (chunk) => {
    record.push(chunk);
    to.write(chunk);
    onBytes(chunk.length);
  });
  from.once("end", () => to.end());
  // This also happens if nothing listens: an end in order would look like the server's own.
  from.once("error", () => to.resetAndDestroy());
}

/** Waits for a turn of the loop between two pieces, so that the reader may get each piece alone. */
async function forwardPieces(
  from: Socket,
  to: Socket,
  record: Buffer[],
  pieceBytes: number,
): Promise<void> {
  to.setNoDelay(true);
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      record.push(chunk);
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        if (!to.write(chunk.subarray(at, at + pieceBytes))) await once(to, "drain");
        await setImmediate();
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

export interface Frame {
  readonly type: number;
  /** All bytes on the wire, with the length field. */
  readonly bytes: number;
}

/** Cuts one direction of a native conversation into frames; no byte may be left over. */
export function cutFrames(chunks: readonly Buffer[], preface: string): Frame[] {
  const bytes = Buffer.concat(chunks);
  if (bytes.toString("latin1", 0, preface.length) !== preface) throw new Error("No preface");
  const frames: Frame[] = [];
  let at = preface.length;
  while (at < bytes.length) {
    const frameBytes = 4 + bytes.readUInt32BE(at);
    if (at + frameBytes > bytes.length) throw new Error(`A frame is cut at byte ${at}`);
    frames.push({ type: bytes.readUInt8(at + 4), bytes: frameBytes });
    at += frameBytes;
  }
  return frames;
}
