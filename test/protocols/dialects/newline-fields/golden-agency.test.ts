import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import {
  createNewlineFieldsDialer,
  EXERCISE_6,
  EXERCISE_7,
  FINAL,
} from "../../../../src/protocols/dialects/newline-fields/dial.ts";
import { unfitForNewlineFields } from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { recordedBets } from "../../recorded-bets.ts";
import { type RecordedConnection, readConnections, turnsOf } from "../../transcript.ts";
import { type FakeCentral, hurried, type Reply } from "../../fake-central.ts";
import { ASK_AGAIN_MS } from "../../../../src/protocols/dialects/newline-fields/wire.ts";
import { fakeCentral, messagesOf } from "./codec.ts";
import { inBatches, outgoing } from "../../plain-bets.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

const EMPTY_BATCH = "BET\n\n";
const BATCH_SIZE = 3;

interface Turn {
  readonly asked: string;
  readonly reply: Reply;
}

/** A connection as messages and what the recorded server did with each, in the pieces as they came. */
function recordedTurns(recorded: RecordedConnection): Turn[] {
  const turns: { asked: string; says: string[]; ended: boolean }[] = [];
  for (const { dir, bytes, end } of recorded.pieces) {
    if (dir === "client" && end === undefined) {
      turns.push({ asked: bytes.toString(), says: [], ended: false });
    } else if (dir === "server") {
      const last = turns.at(-1) ?? assert.fail("the server speaks first");
      if (end === undefined) last.says.push(bytes.toString());
      else last.ended = true;
    }
  }
  return turns.map(({ asked, says, ended }) => ({
    asked,
    reply: ended ? { says, after: "end" } : { says },
  }));
}

/** What the course's client says and ours does not: an empty batch behind a last one that is full. */
const saidByUs = ({ asked }: Turn): boolean => asked !== EMPTY_BATCH;

/** A recorded message as our agency sends it: numbers are numbers to it, so that 0007 is written 7. */
function withPlainNumbers(message: string): string {
  return message.replaceAll("\n0007\n", "\n7\n");
}

/** Our agency against the recorded server's answers. */
class Rehearsal {
  readonly central: FakeCentral;
  readonly #connections: readonly (readonly Turn[])[];

  constructor(connections: readonly RecordedConnection[]) {
    this.#connections = connections.map((each) => recordedTurns(each).filter(saidByUs));
    const counts = connections.map(() => 0);
    this.central = fakeCentral((_message, connection) => {
      const index = counts[connection] ?? assert.fail("it connects more often than was recorded");
      counts[connection] = index + 1;
      return this.#connections[connection]?.[index]?.reply ?? assert.fail("it says more");
    });
  }

  check(): void {
    assert.deepEqual(
      messagesOf(this.central),
      this.#connections.map((turns) => turns.map(({ asked }) => withPlainNumbers(asked))),
    );
    // One write for each message.
    assert.deepEqual(
      this.central.heard.map(({ writes }) => writes.length),
      this.#connections.map(({ length }) => length),
    );
  }
}

async function sendAll(link: AgencyLink, folder: string, agency: number): Promise<void> {
  for (const batch of inBatches(recordedBets(folder, agency), BATCH_SIZE)) {
    assert.equal((await link.send(batch)).kind, "accepted");
  }
}

function winnersOf(folder: string, agency: number, number: number): string[] {
  const bets = recordedBets(folder, agency).filter((bet) => bet.number === number);
  return bets.map(({ document }) => document);
}

describe("our agency says what the recorded client said", () => {
  for (const folder of ["", "edge-exact-multiple", "edge-empty-field", "ej7"]) {
    const all = readConnections("newline-fields", folder);
    const agencies = [...new Set(all.map(({ agency }) => agency))]
      // It refuses the row without a last name: below.
      .filter((agency) => folder !== "edge-empty-field" || agency !== 1);
    for (const agency of agencies.toSorted((one, other) => one - other)) {
      it(`in ${folder || "the final version"}, as agency ${agency}`, async () => {
        const rehearsal = new Rehearsal(all.filter((each) => each.agency === agency));
        const version = folder === "ej7" ? EXERCISE_7 : FINAL;
        const dialer = createNewlineFieldsDialer(version, hurried(ASK_AGAIN_MS));
        const link = await dialer.dial(dialContext(rehearsal.central.connect, agency));
        await sendAll(link, folder, agency);
        await link.done(CLAIM);
        const results = await link.results();
        await link.close();
        rehearsal.check();
        // The recorded server of exercise 7 draws with another number.
        const expected = winnersOf(folder, agency, folder === "ej7" ? 9955 : 7574);
        assert.deepEqual(results?.winners, expected);
      });
    }
  }

  for (const agency of [1, 2, 3]) {
    it(`in ej6, as agency ${agency}`, async () => {
      const all = readConnections("newline-fields", "ej6");
      const rehearsal = new Rehearsal(all.filter((each) => each.agency === agency));
      const dialer = createNewlineFieldsDialer(EXERCISE_6);
      const link = await dialer.dial(dialContext(rehearsal.central.connect, agency));
      await sendAll(link, "", agency);
      await link.done(CLAIM);
      assert.equal(await link.results(), undefined);
      await link.close();
      rehearsal.check();
    });
  }

  for (const version of [FINAL, EXERCISE_7, EXERCISE_6]) {
    it(`in ej5, with a single bet (${JSON.stringify(version)})`, async () => {
      const [first = assert.fail()] = readConnections("newline-fields", "ej5");
      const rehearsal = new Rehearsal([first]);
      const dialer = createNewlineFieldsDialer(version);
      const link = await dialer.dial(dialContext(rehearsal.central.connect));
      const [bet = assert.fail()] = recordedBets("", 1);
      const answer = await link.sendSingle(outgoing([{ ...bet, lastName: "Núñez" }]));
      assert.equal(answer.kind, "accepted");
      await link.close();
      rehearsal.check();
    });
  }

  it("but for the row that the dialect cannot carry, which it refuses before sending", () => {
    const unfit = recordedBets("edge-empty-field", 1).map(unfitForNewlineFields);
    assert.deepEqual(
      unfit.map((each) => each?.field),
      [undefined, "lastName", undefined, undefined],
    );
  });

  it("but for the empty batch behind a full one", () => {
    const asked = readConnections("newline-fields", "edge-exact-multiple").map((each) =>
      turnsOf(each).filter(({ bytes }) => bytes.toString() === EMPTY_BATCH),
    );
    assert.deepEqual(
      asked.map(({ length }) => length),
      [1, 1, 1],
    );
  });
});
