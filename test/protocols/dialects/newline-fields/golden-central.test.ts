import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { recordedBets } from "../../recorded-bets.ts";
import {
  type RecordedConnection,
  readConnections,
  recordedFolders,
  sentBy,
  turnsOf,
} from "../../transcript.ts";
import { fromClient } from "./codec.ts";
import { bytewise } from "../../cuts.ts";
import { serve } from "./served.ts";
import type { Served } from "../../served.ts";
import { pieces } from "../../cuts.ts";
import { seed, seedNote } from "../../../support/seed.ts";

fc.configureGlobal({ seed });

type Cut = (bytes: Buffer) => readonly Uint8Array[];

const whole: Cut = (bytes) => [bytes];

/** Agency 2 has a bet on this number, which the recorded server stores; for us 9999 is the last. */
const TOO_LARGE = "\n75740\n";
/** A message that ends at a field which is empty: the recorded server stores the bets before it. */
const BROKEN = "\nLuz\n\n";

/** Where the recorded server stores what our central refuses, by ending the connection. */
function refused(asked: string): boolean {
  return asked.includes(TOO_LARGE) || asked.includes(BROKEN);
}

interface Turn {
  readonly connection: RecordedConnection;
  readonly tMs: number;
  readonly asked: Buffer;
  /** What the recorded server said to it. */
  readonly recorded: string;
}

/** What all clients of a folder said, in order of time. */
function turnsIn(folder: string): Turn[] {
  return readConnections("newline-fields", folder)
    .flatMap((connection) => {
      const turns = turnsOf(connection);
      return turns.flatMap(({ dir, end, tMs, bytes: asked }, index) => {
        if (dir === "server" || end !== undefined) return [];
        const answer = turns[index + 1];
        const recorded = answer?.dir === "server" ? answer.bytes.toString() : "";
        return [{ connection, tMs, asked, recorded }];
      });
    })
    .toSorted((one, other) => one.tMs - other.tMs);
}

const BATCH_SIZE = 3;

/** The bets that our central stores of what the recorded clients sent. */
function storedBets(folder: string, agency: number): Bet[] {
  if (folder === "ej5") {
    const [first = assert.fail()] = recordedBets("", 1);
    return [{ ...first, lastName: "Núñez" }];
  }
  const bets = recordedBets(folder, agency);
  // Behind a batch that is refused nothing comes through, but where each has its own connection.
  const perMessage = folder === "ej6" || folder === "ej7";
  const stored: Bet[] = [];
  for (let at = 0; at < bets.length; at += BATCH_SIZE) {
    const batch = bets.slice(at, at + BATCH_SIZE);
    const good = batch.every(({ number, lastName }) => number <= 9999 && lastName !== "");
    if (good) stored.push(...batch);
    else if (!perMessage) break;
  }
  return stored;
}

function winnersIn(folder: string, agency: number): string {
  const winners = storedBets(folder, agency).filter(({ number }) => number === 7574);
  return `${winners.map(({ document }) => document).join("\n")}\n\n\n`;
}

/** Plays a folder against our central. @returns the desk, and what each connection heard in the end */
async function play(folder: string, cut: Cut, desk = new WatchedDesk(3)) {
  const connections = new Map<string, Served>();
  const heard = new Map<string, string[]>();
  const hear = (name: string, said: readonly string[]): void => {
    heard.set(name, [...(heard.get(name) ?? []), ...said]);
  };
  const done = new Set<number>();
  for (const { connection, asked, recorded } of turnsIn(folder)) {
    const { name, agency } = connection;
    const served = connections.get(name) ?? serve(desk);
    connections.set(name, served);
    if (served.ended) continue;
    const said = await served.say(...cut(asked));
    hear(name, said);
    if (asked.includes("WINNERS")) continue;
    const expected = refused(asked.toString()) ? [] : [recorded];
    assert.deepEqual(said, expected, name);
    if (asked.includes("CONFIRMATION")) done.add(agency);
    const last = refused(asked.toString()) || folder === "ej5" || folder === "ej6";
    assert.equal(served.ended, last, name);
  }
  // The others wait for those who did not come to say that they are done.
  for (const agency of [1, 2, 3].filter((each) => !done.has(each))) {
    await serve(desk).say(`CONFIRMATION\n${agency}\n\n`);
  }
  for (const [name, served] of connections) hear(name, await served.answers());
  return { desk, heard };
}

function checkStored(desk: WatchedDesk, folder: string): void {
  for (const agency of [1, 2, 3]) {
    const lines = desk.lines.split(/(?<=\n)/).filter((line) => line.startsWith(`${agency},`));
    const expected = agency > 1 && folder === "ej5" ? [] : storedBets(folder, agency);
    assert.equal(lines.join(""), encodeLines(expected).toString(), `agency ${agency}`);
  }
}

const cuts: readonly [string, Cut][] = [
  ["whole", whole],
  ["byte by byte", bytewise],
];

describe("our central answers the recorded clients as their own servers did", () => {
  for (const folder of recordedFolders("newline-fields")) {
    for (const [how, cut] of cuts) {
      it(`in ${folder || "the final version"}, ${how}`, async () => {
        checkStored((await play(folder, cut)).desk, folder);
      });
    }
  }

  for (const folder of recordedFolders("newline-fields")) {
    it(`in ${folder || "the final version"}, cut at random (${seedNote})`, async () => {
      const { heard: expected } = await play(folder, whole);
      const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 });
      await fc.assert(
        fc.asyncProperty(sizes, async (sizes) => {
          const { desk, heard } = await play(folder, (bytes) => pieces(bytes, sizes));
          checkStored(desk, folder);
          assert.deepEqual(heard, expected);
        }),
        { numRuns: 6 },
      );
    });
  }

  it("decodes every recorded conversation the same, cut at every byte", () => {
    for (const folder of recordedFolders("newline-fields")) {
      for (const recorded of readConnections("newline-fields", folder)) {
        const bytes = sentBy(recorded, "client");
        const expected = fromClient(bytes);
        for (let at = 1; at < bytes.length; at++) {
          assert.deepEqual(fromClient(bytes.subarray(0, at), bytes.subarray(at)), expected);
        }
      }
    }
  });

  it("answers a single bet the same, cut at every byte", async () => {
    const [recorded = assert.fail()] = readConnections("newline-fields", "ej5");
    const bytes = sentBy(recorded, "client");
    for (let at = 1; at < bytes.length; at++) {
      const served = serve(new WatchedDesk(3));
      const said = await served.say(bytes.subarray(0, at), bytes.subarray(at));
      assert.deepEqual(said, [sentBy(recorded, "server").toString()]);
      assert.equal(served.ended, true);
    }
  });
});

describe("our central tells the recorded clients who won", () => {
  for (const folder of ["", "edge-exact-multiple"]) {
    it(`byte for byte as their own server did, in ${folder || "the final version"}`, async () => {
      const { heard } = await play(folder, whole);
      for (const agency of [1, 3]) {
        const name = [folder, `${agency}-${agency}`].filter(Boolean).join("/");
        const recorded = sentBy(
          readConnections("newline-fields", folder)[agency - 1] as never,
          "server",
        );
        assert.equal(heard.get(name)?.join(""), recorded.toString());
        assert.equal(heard.get(name)?.at(-1), winnersIn(folder, agency));
      }
      // Agency 2's second batch is one that we refuse: its connection heard nothing after the first.
      const second = [folder, "2-2"].filter(Boolean).join("/");
      assert.equal(heard.get(second)?.join(""), "Success :)\n\n");
    });
  }

  it("but for the agency whose batch breaks at an empty field, of which nothing is stored", async () => {
    const { desk, heard } = await play("edge-empty-field", whole);
    assert.deepEqual(heard.get("edge-empty-field/1-1"), []);
    assert.equal(heard.get("edge-empty-field/2-2")?.at(-1), "\n\n\n");
    assert.equal(heard.get("edge-empty-field/3-3")?.at(-1), "37288913\n\n\n");
    assert.ok(!desk.lines.includes("1,Ana"));
  });

  it("in ej7 when the draw is held, with our number, on the connection that asked last", async () => {
    const { heard } = await play("ej7", whole);
    const asked = turnsIn("ej7").filter(({ asked }) => asked.includes("WINNERS"));
    assert.deepEqual(
      asked.map(({ connection, recorded }) => [
        connection.name,
        recorded,
        heard.get(connection.name)?.join(""),
      ]),
      [
        // Ended without a word because the draw is not yet held; here because the agency comes again.
        ["ej7/7-1", "", ""],
        // Not ended for that reason, but answered after the draw.
        ["ej7/12-2", "", "\n\n\n"],
        ["ej7/13-1", "", "30904465\n33444555\n\n\n"],
        // Their winning number is 9955, which is no agency's of 1 and 3 and that of agency 2.
        ["ej7/16-3", "\n\n\n", "37288913\n\n\n"],
        ["ej7/17-2", "23772524\n\n\n", "\n\n\n"],
        ["ej7/18-1", "\n\n\n", "30904465\n33444555\n\n\n"],
      ],
    );
  });

  it("stores the bet that a client of exercise 5 sends five times as often as replays are told", async () => {
    const once = encodeLines(storedBets("ej5", 1)).toString();
    const { desk } = await play("ej5", whole);
    assert.equal(desk.lines, once);
    const { desk: storing } = await play("ej5", whole, new WatchedDesk(3, "store"));
    assert.equal(storing.lines, once.repeat(5));
  });
});
