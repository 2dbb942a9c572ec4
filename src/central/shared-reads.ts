import { Socket } from "node:net";

/**
 * Has a connection read into memory that all connections share, so that a chunk lasts no longer than
 * its event. Node would make a buffer of 64 KiB for every read, whose making and collecting takes a
 * tenth of the CPU of a batch.
 *
 * Node offers this for connections that are made (`onread`), not for those that are accepted; so the
 * accepted one's handle is given to a new socket. Where a future Node's sockets are made otherwise,
 * the accepted one is used as it is.
 *
 * @param socket accepted and paused; not to be used any more
 */
export function readInto(memory: Buffer, socket: Socket): Socket {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (!takesBuffers(handle)) return socket.resume();
  Reflect.set(socket, "_handle", null);
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: memory,
      callback(bytes: number): boolean {
        sharing.emit("data", memory.subarray(0, bytes));
        return true;
      },
    },
  };
  const sharing = new Socket(options);
  // The server counts its connections by this.
  Reflect.set(sharing, "_server", Reflect.get(socket, "_server"));
  return sharing;
}

function takesBuffers(handle: unknown): boolean {
  return (
    typeof handle === "object" &&
    handle !== null &&
    "useUserBuffer" in handle &&
    typeof handle.useUserBuffer === "function"
  );
}
