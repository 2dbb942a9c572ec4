import { connect, type Socket } from "node:net";
import { LinkError } from "../protocols/agency-link.ts";

/** After this idle time the operating system asks whether the central is still there. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/** Where a central is. */
export interface Target {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** How long a connection may take. */
  readonly timeoutMs: number;
}

/**
 * Connects over TCP.
 *
 * @returns a function that opens one connection per call; the caller then handles its errors and closes it
 */
export function connectTo(target: Target): (signal: AbortSignal) => Promise<Socket> {
  return (signal) =>
    new Promise<Socket>((resolve, reject) => {
      signal.throwIfAborted();
      const socket = connect({
        host: target.host,
        port: target.port,
        // Batches are whole frames already: waiting to merge them would only add delay.
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      });
      const settle = (conclude: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        socket.off("connect", onConnect).off("error", onError);
        conclude();
      };
      const onConnect = (): void => settle(() => resolve(socket));
      const fail = (error: unknown): void =>
        settle(() => {
          // Ignore later errors of this socket: without a listener they would end the process.
          socket.on("error", () => undefined).destroy();
          reject(error);
        });
      const onError = (cause: Error): void => fail(connectError(target, reasonOf(cause), cause));
      const onAbort = (): void => fail(signal.reason);
      const timer = setTimeout(
        () => fail(connectError(target, `no answer within ${target.timeoutMs} ms`)),
        target.timeoutMs,
      );
      signal.addEventListener("abort", onAbort);
      socket.on("connect", onConnect).on("error", onError);
    });
}

function connectError(target: Target, reason: string, cause?: Error): LinkError {
  return new LinkError(
    "CONNECT_FAILED",
    `Cannot connect to ${target.host}:${target.port}: ${reason}; check that the central runs and that server.address is its address`,
    { cause },
  );
}

function reasonOf(error: Error): string {
  // For a name with several addresses the error has one error per address, and no text.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && "code" in first ? first.code : undefined;
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there (ECONNREFUSED)";
    case "ENOTFOUND":
      return "no such host (ENOTFOUND)";
    case "EAI_AGAIN":
      return "the name cannot be resolved now (EAI_AGAIN)";
    default:
      return first instanceof Error ? first.message : String(first);
  }
}
