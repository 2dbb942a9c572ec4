import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port that nobody listens on, for a program that must come back to the same one. Below the range
 * that systems take for outgoing connections: a client that retries on such a port while nobody
 * listens may in the end be connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 16_384 + Math.floor(Math.random() * 16_384);
    const probe = createServer();
    try {
      probe.listen(port, "127.0.0.1");
      await once(probe, "listening");
      return port;
    } catch {
      // Taken: try another one.
    } finally {
      await new Promise((resolve) => probe.close(resolve));
    }
  }
}
