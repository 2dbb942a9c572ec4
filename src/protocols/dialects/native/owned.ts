import type { ClientMessage } from "./messages.ts";

/** The message with bytes of its own, to outlive the chunk that it came in. */
export function owned<Message extends ClientMessage>(message: Message): Message {
  switch (message.kind) {
    case "batch":
      return { ...message, lines: Buffer.from(message.lines) };
    case "bet":
      return { ...message, line: Buffer.from(message.line) };
    case "done":
      return { ...message, head: Buffer.from(message.head) };
    case "hello":
      return { ...message, credentials: Buffer.from(message.credentials) };
    case "ping":
      break;
  }
  return message;
}
