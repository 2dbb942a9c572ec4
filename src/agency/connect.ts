import { connect, type Socket } from "node:net";
import { type Connect, LinkError } from "../protocols/agency-link.ts";

/** Idle time after which the operating system asks whether the central is still there. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/**
 * Connects over TCP.
 *
 * @param host a name or an address
 * @returns opens one connection per call; the caller owns it and handles its errors from then on
 */
export function connectTo(target: { host: string; port: number; timeoutMs: number }): Connect {
  return (signal) =>
    new Promise<Socket>((resolve, reject) => {
      signal.throwIfAborted();
      const socket = connect({
        host: target.host,
        port: target.port,
        // Batches are whole frames already: holding them back to merge them only adds delay.
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
          // What a socket says after it was given up is of no interest, but must not end the process.
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

function connectError(
  target: { host: string; port: number },
  reason: string,
  cause?: Error,
): LinkError {
  return new LinkError(
    "CONNECT_FAILED",
    `Cannot connect to ${target.host}:${target.port}: ${reason}; check that the central runs and that server.address is its address`,
    { cause },
  );
}

function reasonOf(error: Error): string {
  // A name with several addresses fails with all their errors at once, and no text of its own.
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
