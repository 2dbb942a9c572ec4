/**
 * Your own dialect: lines of text, for a person with netcat.
 *
 * ```
 * → TOY 1                                            I am agency 1
 * ← HELLO                                            or STRANGER, and the connection ends
 * → BET Ana;Luna;30100200;1985-02-17;7574
 * ← STORED                                           or REFUSED
 * → DONE
 * ← NOTED                                            or DISAGREED
 * → WINNERS
 * ← WINNERS 30100200                                 after the draw
 * ```
 *
 * Run it with `node dist/examples/toy-dialect.js`: a central with two agencies, which speak over TCP.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Central, loadCentralConfig, startCentral } from "quiniela";
import {
  admitted,
  type Counter,
  createFrameDecoder,
  decimal,
  type Dialect,
  documentsText,
  expectFrameBytes,
  type FrameCodec,
  Intake,
  BetLineWriter,
  ProtocolError,
  recognisePrefix,
  recordDone,
  sendInParts,
  type ServeContext,
  serveTurns,
  type SteppedDecoder,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
  UNKNOWN,
} from "quiniela/protocols";
import { openLedger } from "quiniela/stores";

const LF = 0x0a;
const SEMICOLON = 0x3b;
/** First name, last name, document, birthdate, number. */
const BET_FIELDS = 5;

/** What an agency says. */
type ToyMessage =
  | { readonly kind: "hello"; readonly agency: number }
  /** Five fields and the semicolons between them: a view of the decoder's bytes. */
  | { readonly kind: "bet"; readonly fields: Uint8Array }
  | { readonly kind: "done" }
  | { readonly kind: "winners" };

const toyDialect: Dialect = {
  name: "toy",
  recognise: (head) => recognisePrefix(head, Buffer.from("TOY ")),
  serve: (context) => serveTurns(context, new ToyTaker(context)),
};

/** Cuts the stream at every LF, and reads the line before it. */
function toyCodec(lineBytesMax: number): FrameCodec<ToyMessage> {
  return {
    measure(bytes, at, available, examined) {
      const found = bytes.subarray(at + examined, at + available).indexOf(LF);
      const size = found < 0 ? available + 1 : examined + found + 1;
      // Check the size before bytes are kept: a line without an end must not fill the memory.
      expectFrameBytes(size, lineBytesMax, "line");
      return found < 0 ? UNKNOWN : size;
    },
    parse(frame) {
      const line = frame.subarray(0, -1);
      const text = line.toString("latin1");
      if (text === "DONE") return { kind: "done" };
      if (text === "WINNERS") return { kind: "winners" };
      if (text.startsWith("BET ")) return { kind: "bet", fields: line.subarray(4) };
      if (text.startsWith("TOY ")) return { kind: "hello", agency: decimal(line, 4, line.length) };
      throw new ProtocolError("UNKNOWN_TYPE", "Cannot decode line: it begins with no known word");
    },
  };
}

class ToyTaker implements TurnTaker<ToyMessage> {
  readonly decoder: SteppedDecoder<ToyMessage>;
  readonly #context: ServeContext;
  readonly #intake = new Intake("connection-start");
  readonly #lines = new BetLineWriter();
  #counter: Counter | undefined;

  constructor(context: ServeContext) {
    this.#context = context;
    this.decoder = createFrameDecoder(toyCodec(context.limits.frameBytesMax));
  }

  take(message: ToyMessage, host: TurnHost): Taken {
    if (message.kind === "hello") return this.#greet(message.agency);
    if (this.#counter === undefined) {
      throw new ProtocolError("UNEXPECTED_MESSAGE", "Cannot take line: TOY has to come first");
    }
    switch (message.kind) {
      case "bet":
        return this.#store(this.#counter, message.fields, host);
      case "done":
        return this.#recordDone(this.#counter, host);
      case "winners":
        return this.#tellWinners(this.#counter, host);
      default:
        return message satisfies never;
    }
  }

  refusal({ code }: ProtocolError): Uint8Array {
    return Buffer.from(`ERROR ${code}\n`);
  }

  #greet(agency: number): Turn {
    this.#counter = admitted(this.#context, agency, "attend");
    return this.#counter === undefined ? this.#say("STRANGER", "end") : this.#say("HELLO");
  }

  /** Copies the fields into a canonical line. The counter checks whether they are a good bet. */
  #store(counter: Counter, fields: Uint8Array, host: TurnHost): Taken {
    const ends = fieldEnds(fields);
    if (ends.length !== BET_FIELDS) return this.#say("REFUSED");
    const [first = 0, last = 0, document = 0, birthdate = 0, number = 0] = ends;
    this.#lines.clear();
    this.#lines
      .integer(counter.agency)
      .name(fields, 0, first)
      .name(fields, first + 1, last)
      .document(fields, last + 1, document)
      .birthdate(fields, document + 1, birthdate)
      .number(fields, birthdate + 1, number)
      .endLine();
    const bet = { count: 1, lines: this.#lines.lines, single: true };
    return this.#intake.submit(counter, bet, host, (stored) =>
      this.#say(stored ? "STORED" : "REFUSED"),
    );
  }

  async #recordDone(counter: Counter, host: TurnHost): Promise<Turn> {
    const agreed = await recordDone(counter, this.#context.clock, host.over);
    return this.#say(agreed ? "NOTED" : "DISAGREED");
  }

  async #tellWinners(counter: Counter, host: TurnHost): Promise<Turn> {
    const { winners } = await counter.results(host.over);
    async function* line(): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from("WINNERS ");
      yield* documentsText(winners, " ");
      yield Buffer.from("\n");
    }
    await sendInParts(this.#context.peer, line(), host.over);
    return "end";
  }

  #say(answer: string, turn: Turn = "next"): Turn {
    this.#context.peer.send(Buffer.from(`${answer}\n`));
    return turn;
  }
}

/** Where each field ends: at its semicolon, the last one at the end of the bytes. */
function fieldEnds(fields: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = fields.indexOf(SEMICOLON); at >= 0; at = fields.indexOf(SEMICOLON, at + 1)) {
    ends.push(at);
  }
  return [...ends, fields.length];
}

const dir = await mkdtemp(join(tmpdir(), "quiniela-toy-"));
let central: Central | undefined;
const store = await openLedger({
  dir,
  draw: "toy",
  winningNumber: 7574,
  agencies: 2,
  onFailure: (error) => central?.fail(error),
});
central = await startCentral({
  config: loadCentralConfig({
    fileBytes: new Uint8Array(),
    env: { SERVER_PORT: "0", SERVER_BIND_ADDRESS: "127.0.0.1" },
    dialects: [toyDialect.name],
  }),
  store,
  dialects: [toyDialect],
});
try {
  const { port } = central.address;
  // Run both at the same time: each gets its winners when both are done.
  const conversations = await Promise.all([
    speak(port, ["TOY 1", "BET Ana;Luna;30100200;1985-02-17;7574", "BET Juan;Sosa;1;1-1-1;1"]),
    speak(port, ["TOY 2", "BET Eva;Paz;33700800;1990-11-02;4321"]),
  ]);
  for (const conversation of conversations) console.log(conversation);
} finally {
  await central.stop("the example is over");
  await rm(dir, { recursive: true });
}

/** Runs one agency over TCP: a line, its answer, the next line. @returns all lines of both sides */
async function speak(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  await once(socket, "connect");
  const said: string[] = [];
  for (const line of [...lines, "DONE", "WINNERS"]) {
    socket.write(`${line}\n`);
    const answer = await answers.next();
    said.push(`→ ${line}\n← ${String(answer.value).trimEnd()}\n`);
  }
  socket.end();
  return said.join("");
}
