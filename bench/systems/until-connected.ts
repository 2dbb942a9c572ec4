import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Program } from "../stage.ts";

const ATTEMPTS_APART_MS = 20;
const PATIENCE_MS = 30_000;

/** Waits until a server that says nothing itself takes connections. @throws Error when it ends first */
export async function untilConnected(program: Program, port: number): Promise<void> {
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; ) {
    if (program.hasEnded) throw program.failure("ended before it listened");
    const socket = connect({ host: "127.0.0.1", port });
    try {
      await once(socket, "connect");
      return;
    } catch {
      await setTimeout(ATTEMPTS_APART_MS);
    } finally {
      socket.destroy();
    }
  }
  throw program.failure(`does not listen after ${PATIENCE_MS / 1000} s`);
}
