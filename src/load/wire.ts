import { connect } from "node:net";

/** A connection to the central. */
export interface Wire {
  /** The bytes are the wire's until they are answered. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Called when something happens on a connection. Nothing is called after `closed`. */
export interface WireEar {
  opened(): void;
  /** @param bytes what came stands at its beginning, until this returns */
  received(bytes: Buffer, length: number): void;
  /** It has ended, whoever ended it. @param error when it did not end in peace */
  closed(error: Error | undefined): void;
}

export type OpenWire = (ear: WireEar) => Wire;

/**
 * One for all connections: what is read is looked at before anything else is read, and no memory is
 * taken for each read.
 */
const inbox = Buffer.allocUnsafeSlow(64 * 1024);

export function wiresTo(host: string, port: number): OpenWire {
  return (ear) => {
    let failure: Error | undefined;
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: inbox,
        callback(length) {
          ear.received(inbox, length);
          return true;
        },
      },
    });
    socket.on("connect", () => ear.opened());
    socket.on("error", (error) => {
      failure = error;
    });
    // Whoever has said all has nothing more to answer, and need not read what is still to be written,
    // which a half-closed socket would wait for.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => ear.closed(failure));
    return {
      write: (bytes) => void socket.write(bytes),
      close: () => void socket.destroy(),
    };
  };
}
