import type { Conversation } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import { serveTurns } from "../../kit/turns.ts";
import type { ClientMessage } from "./messages.ts";
import { Fixed70Taker } from "./taker.ts";

/** The central's side of one fixed70 connection, in any version: docs/protocols/fixed70.md. */
export function serveFixed70(context: ServeContext): Conversation<ClientMessage> {
  return serveTurns(context, new Fixed70Taker(context));
}
