import { encodeSingle } from "../../src/protocols/dialects/colon-lines/encode.ts";
import { Books } from "./books.ts";
import { type Dialogue, dialogue, SPOKEN_AND_ECHO, type Step } from "./dialogue.ts";
import { playSteps } from "./play-dialogue.ts";
import { RawPeer } from "./raw-peer.ts";

/** A connection that is in some state, and what the central may still answer to it. */
export interface InState {
  readonly peer: RawPeer;
  readonly spoken: Dialogue | undefined;
  /** Said, and not answered yet. */
  readonly unanswered: readonly Step[];
}

/** A state that a conversation can be in when the central is told to stop. */
export interface ConversationState {
  readonly name: string;
  enter(port: number, books: Books): Promise<InState>;
}

/** The states that can be reached while the draw is open, in every dialect. */
export function openStates(): ConversationState[] {
  return [
    ...OTHER_STATES,
    ...SPOKEN_AND_ECHO.flatMap((dialect) => {
      const { steps } = dialogue(dialect, new Books());
      return steps.flatMap((step, index) => statesOf(dialect, step, index));
    }),
  ];
}

function statesOf(dialect: string, step: Step, index: number): ConversationState[] {
  const { name, bytes, answered } = step;
  const states: ConversationState[] = [];
  const add = (what: string, enter: (at: Entering) => Promise<void> | void): void => {
    states.push({
      name: `${dialect}, ${name} ${what}`,
      enter: (port, books) => enterDialogue({ port, books, dialect, index, enter }),
    });
  };
  if (bytes.length > 1) {
    add("half said", ({ peer, step }) => {
      peer.say(step.bytes.subarray(0, Math.ceil(step.bytes.length / 2)));
    });
  }
  add("said", ({ peer, step, unanswered }) => {
    peer.say(step.bytes);
    unanswered.push(step);
  });
  if (answered === "at once") {
    add("answered", ({ peer, spoken }) => playSteps(peer, only(spoken, index), 1));
  }
  if (answered === "by the draw") {
    add("said, then the client's end", ({ peer, step }) => {
      peer.say(step.bytes);
      peer.socket.end();
    });
  }
  return states;
}

interface Entering {
  readonly peer: RawPeer;
  readonly spoken: Dialogue;
  readonly step: Step;
  readonly unanswered: Step[];
}

async function enterDialogue(state: {
  port: number;
  books: Books;
  dialect: string;
  index: number;
  enter: (at: Entering) => Promise<void> | void;
}): Promise<InState> {
  const { port, books, dialect, index, enter } = state;
  const spoken = dialogue(dialect, books);
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, index);
  const step = spoken.steps[index];
  const unanswered: Step[] = [];
  if (step !== undefined) await enter({ peer, spoken, step, unanswered });
  return { peer, spoken, unanswered };
}

function only(spoken: Dialogue, index: number): Dialogue {
  return { ...spoken, steps: spoken.steps.slice(index, index + 1) };
}

/** States that do not belong to one dialect of bets. */
const OTHER_STATES: readonly ConversationState[] = [
  { name: "connected, silent", enter: (port) => enterSaying(port, "") },
  { name: "half a preface", enter: (port) => enterSaying(port, "QN") },
  { name: "turned away, and staying", enter: (port) => enterSaying(port, "no dialect at all") },
  // An agency that does not exist: the central says so, and ends the connection.
  {
    name: "refused, and staying",
    enter: (port) => enterSaying(port, "QNL1\0\0\0\x08\x01\xff\xff\xff\xff\0\0\0"),
  },
  { name: "a line that may be a single bet", enter: enterLine },
  { name: "fenced by a later session, and staying", enter: enterFenced },
  { name: "a window of batches, none of them waited for", enter: enterWindow },
  { name: "the client has reset", enter: enterReset },
];

async function enterSaying(port: number, text: string): Promise<InState> {
  const peer = await RawPeer.connect({ port });
  peer.say(Buffer.from(text, "latin1"));
  return { peer, spoken: undefined, unanswered: [] };
}

/** This bet is stored and answered after a second, unless the central stops before. */
async function enterLine(port: number, books: Books): Promise<InState> {
  const agency = books.newAgency();
  const peer = await RawPeer.connect({ port });
  for (const bet of books.batch(agency, 1).bets) peer.say(encodeSingle(agency, bet));
  return { peer, spoken: undefined, unanswered: [] };
}

async function enterFenced(port: number, books: Books): Promise<InState> {
  const spoken = dialogue("native", books);
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, 3);
  const other = await RawPeer.connect({ port });
  await playSteps(other, spoken, 2);
  await peer.untilEnded();
  other.reset();
  return { peer, spoken, unanswered: [] };
}

async function enterWindow(port: number, books: Books): Promise<InState> {
  const spoken = dialogue("native", books, Array<number>(WINDOW).fill(2));
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, 2);
  const unanswered = spoken.steps.filter(({ batch }) => batch !== undefined);
  peer.say(Buffer.concat(unanswered.map(({ bytes }) => bytes)));
  return { peer, spoken, unanswered };
}

/** Batches that a central takes of one agency before it answers. */
const WINDOW = 64;

async function enterReset(port: number, books: Books): Promise<InState> {
  const spoken = dialogue("native", books);
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, 2);
  peer.say(spoken.steps[2]?.bytes ?? Buffer.alloc(0));
  peer.reset();
  return { peer, spoken, unanswered: [] };
}
