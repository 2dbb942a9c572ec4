import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Program, ProgramOptions, Stage } from "../stage.ts";
import { freePort } from "./find-program.ts";

const ATTEMPTS_APART_MS = 20;
const PATIENCE_MS = 30_000;

/**
 * Starts a server of other authors on a free port, and waits until it accepts connections by trying: it does
 * not report that itself.
 *
 * @throws Error when it ends first
 */
export async function startServer(
  stage: Stage,
  optionsFor: (port: number) => ProgramOptions,
): Promise<{ readonly server: Program; readonly port: number }> {
  const port = await freePort();
  const server = stage.start(optionsFor(port));
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; ) {
    if (server.hasEnded) throw server.failure("ended before it listened");
    const socket = connect({ host: "127.0.0.1", port });
    try {
      await once(socket, "connect");
      return { server, port };
    } catch {
      await setTimeout(ATTEMPTS_APART_MS);
    } finally {
      socket.destroy();
    }
  }
  throw server.failure(`does not listen after ${PATIENCE_MS / 1000} s`);
}
