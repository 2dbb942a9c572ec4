import type { Dialect, Recognition } from "../../dialect.ts";
import { recognisePrefix } from "../../recognise.ts";
import { ECHO_PREFIX } from "./message.ts";
import { serveEcho } from "./serve.ts";

/**
 * The exercise's echo: docs/protocols/echo.md. It takes no bets, so it has no dialer.
 *
 * @param options.anyLine accepts any line (the central is an echo server); otherwise only lines that begin
 * like those of the exercise's own clients
 */
export function createEchoDialect(options: { readonly anyLine: boolean }): Dialect {
  return {
    name: "echo",
    recognise: options.anyLine ? recogniseAnything : (head) => recognisePrefix(head, PREFIX),
    serve: serveEcho,
  };
}

const PREFIX = Buffer.from(ECHO_PREFIX, "latin1");

function recogniseAnything(head: Uint8Array): Recognition {
  return head.length === 0 ? "more" : "yes";
}
