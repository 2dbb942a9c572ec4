import { Socket } from "node:net";

/** Where a socket keeps what it was made with as `onread`: Node's own symbols, found by looking. */
interface OnRead {
  readonly memory: symbol;
  readonly callback: symbol;
}

/**
 * Has a connection read into memory that all connections share, so that a chunk lasts no longer than
 * its event. Node would make a buffer of 64 KiB for every read, whose making and collecting takes a
 * tenth of the CPU of a batch.
 *
 * Node offers this for connections that are made (`onread`), not for those that are accepted; so the
 * accepted one is given what a made one would have. Where a future Node's sockets are made otherwise,
 * it is used as it is.
 *
 * @param socket accepted and paused
 * @returns the socket, which begins to read once there are listeners
 */
export function readInto(memory: Buffer, socket: Socket): Socket {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (onRead !== undefined && takesBuffers(handle)) {
    Reflect.set(socket, onRead.memory, memory);
    Reflect.set(socket, onRead.callback, emitChunk);
    handle.useUserBuffer(memory);
  }
  return socket.resume();
}

/** One function for all connections: `this` tells which. */
function emitChunk(this: Socket, bytes: number, memory: Buffer): boolean {
  this.emit("data", memory.subarray(0, bytes));
  return true;
}

const onRead: OnRead | undefined = findOnRead();

function findOnRead(): OnRead | undefined {
  const buffer = Buffer.alloc(0);
  // Not a literal: Node's types do not know this option of its constructor.
  const options = { allowHalfOpen: true, onread: { buffer, callback: emitChunk } };
  const made = new Socket(options);
  const symbols = Object.getOwnPropertySymbols(made);
  const memory = symbols.find((symbol) => Reflect.get(made, symbol) === buffer);
  const callback = symbols.find((symbol) => Reflect.get(made, symbol) === emitChunk);
  return memory === undefined || callback === undefined ? undefined : { memory, callback };
}

interface TakesBuffers {
  useUserBuffer(memory: Buffer): void;
}

function takesBuffers(handle: unknown): handle is TakesBuffers {
  return (
    typeof handle === "object" &&
    handle !== null &&
    "useUserBuffer" in handle &&
    typeof handle.useUserBuffer === "function"
  );
}
