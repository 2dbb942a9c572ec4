import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port on which nothing listens, for a program that must come back to the same port. It is below
 * the range for outgoing connections: a client that tries again and again on a port in that range
 * may in the end be connected to itself.
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
