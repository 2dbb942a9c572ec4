import type { Conversation } from "../../../src/protocols/conversation.ts";
import type { Dialect, ServeContext } from "../../../src/protocols/dialect.ts";
import { recogniser } from "../../../src/protocols/recognise.ts";

/**
 * Serves whatever is recognised, as a central's session does: one dialect that is all of them. What
 * nobody recognises is ended.
 */
export function sharedPort(dialects: readonly Dialect[]): Pick<Dialect, "serve"> {
  const recognise = recogniser(dialects);
  return {
    serve(context: ServeContext): Conversation {
      let head = Buffer.alloc(0);
      let over = false;
      let conversation: Conversation | undefined;
      return {
        *receive(chunk) {
          if (conversation === undefined) {
            if (over) return;
            head = Buffer.concat([head, chunk]);
            const recognised = recognise(head);
            if (recognised.kind === "more") return;
            if (recognised.kind !== "dialect") {
              over = true;
              context.peer.end();
              return;
            }
            conversation = recognised.dialect.serve(context);
            yield* stepsOf(conversation, head);
            return;
          }
          yield* stepsOf(conversation, chunk);
        },
        get awaiting() {
          return conversation?.awaiting ?? "greeting";
        },
        get occupied() {
          return conversation?.occupied === true;
        },
        ended: () => conversation?.ended(),
        stopping: () => conversation?.stopping(),
        closed: () => conversation?.closed(),
      };
    },
  };
}

function stepsOf(conversation: Conversation, chunk: Uint8Array): Iterable<void> {
  return { [Symbol.iterator]: () => conversation.receive(chunk) };
}
