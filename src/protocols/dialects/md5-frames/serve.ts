import type { SteppedDecoder } from "../../codec.ts";
import type { Conversation } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import { admitted, Intake, recordDone } from "../../kit/intake.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  serveTurns,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
import { createMd5FramesClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import type { Batch, CentralMessage, ClientMessage } from "./wire.ts";

/** The central's side of one md5-frames connection: docs/protocols/md5-frames.md. */
export function serveMd5Frames(context: ServeContext): Conversation<ClientMessage> {
  return serveTurns(context, new Md5FramesTaker(context));
}

type Asked = Extract<ClientMessage, { kind: "done" | "question" }>;

class Md5FramesTaker implements TurnTaker<ClientMessage> {
  readonly decoder: SteppedDecoder<ClientMessage>;
  readonly #context: ServeContext;
  readonly #intake: Intake;

  constructor(context: ServeContext) {
    this.#context = context;
    this.#intake = new Intake("connection-start");
    const { courseFrameBytesMax } = context.limits;
    this.decoder = createMd5FramesClientDecoder({ frameBytesMax: courseFrameBytesMax });
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    switch (message.kind) {
      case "batch":
        return this.#register(message, host);
      case "done":
        return this.#done(message, host.over);
      case "question":
        return this.#question(message, host.over);
      default:
        return message satisfies never;
    }
  }

  #register(batch: Batch, host: TurnHost): Taken {
    const identifier = Buffer.from(batch.identifier);
    const counter = admitted(this.#context, batch.agency, { bets: batch.count });
    if (counter === undefined) return this.#answer({ kind: "failure", identifier });
    return this.#intake.submit(counter, batch, host, (stored) =>
      this.#answer({ kind: stored ? "success" : "failure", identifier }),
    );
  }

  async #done(asked: Asked, signal: AbortSignal): Promise<Turn> {
    const { clock } = this.#context;
    const identifier = Buffer.from(asked.identifier);
    const counter = admitted(this.#context, asked.agency, "register_done");
    const recorded = counter !== undefined && (await recordDone(counter, clock, signal));
    return this.#answer({ kind: recorded ? "success" : "failure", identifier });
  }

  /** Answers only after the draw: the course's client gives up after ten answers "in progress". */
  async #question(asked: Asked, signal: AbortSignal): Promise<Turn> {
    const identifier = Buffer.from(asked.identifier);
    const counter = admitted(this.#context, asked.agency, "query_winners");
    if (counter === undefined) return this.#answer({ kind: "question-failure", identifier });
    const { winners } = await counter.results(signal);
    await sendInParts(this.#context.peer, encodeWinners(winners, identifier), signal);
    return "next";
  }

  #answer(message: CentralMessage): Turn {
    this.#context.peer.send(encodeCentral(message));
    return "next";
  }
}
