import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { type AgencyLink, LinkError } from "../../../src/protocols/agency-link.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { run, sendFile } from "../agency-run.ts";
import { documentsOf } from "../arbitrary.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { Network, type NetworkOptions } from "../network.ts";
import { bet, bets, inBatches, outgoing } from "../plain-bets.ts";
import { anyBetOf, type SpokenVersion, VERSIONS } from "./spoken.ts";

// Our agency and our central, in memory, in everything that an agency can speak.

const WON = 7574;

/** Files by their bets and the bets in a batch: full batches and rests matter in some dialects. */
const FILES = [
  ["a file of full batches", 6, 3],
  ["a file with a rest", 7, 3],
  ["a file that fills its only batch", 3, 3],
  ["a file of less than a batch", 3, 5],
  ["a file of batches of one", 4, 1],
  ["a file of one bet", 1, 1],
  ["an empty file", 0, 3],
  ["a file of 1,100 bets", 1100, 500],
] as const;

/** A central of a desk, and agencies that speak to it. */
class Line {
  readonly desk: MemoryDesk;
  readonly network: Network;
  readonly #version: SpokenVersion;

  constructor(version: SpokenVersion, desk = new MemoryDesk(1), options: NetworkOptions = {}) {
    this.#version = version;
    this.desk = desk;
    this.network = new Network(version.spoken.dialect, desk, options);
  }

  run(sent: readonly Bet[], size = 3, agency = 1): Promise<readonly string[] | undefined> {
    const dialer = this.#version.createDialer(this.network.timer);
    return this.network.play(run({ sent, network: this.network, dialer, agency, size }));
  }

  /** Does something with a link, and closes it. */
  async use<Value>(act: (link: AgencyLink) => Promise<Value>, agency = 1): Promise<Value> {
    const dialer = this.#version.createDialer(this.network.timer);
    const link = await this.network.play(this.network.dial(dialer, agency));
    try {
      return await this.network.play(act(link));
    } finally {
      await this.network.play(link.close());
    }
  }

  /** A run that something ends, which is worth trying again. */
  async killed(sent: readonly Bet[], size = 3): Promise<void> {
    await this.run(sent, size).catch((error: unknown) => {
      assert.ok(error instanceof LinkError && error.transient, String(error));
    });
  }
}

const linesOf = (sent: readonly Bet[]): string => encodeLines(sent).toString();
const winnersOf = (sent: readonly Bet[]): string[] =>
  documentsOf(sent.filter(({ number }) => number === WON));

/** What is stored of an agency, in its order. */
function storedOf(desk: MemoryDesk, agency: number): string {
  const lines = desk.lines.split(/(?<=\n)/);
  return lines.filter((line) => line.startsWith(`${agency},`)).join("");
}

for (const version of VERSIONS) {
  const { name, spoken, dialer } = version;
  const { manners } = spoken;
  const draws = dialer.drawless !== true;
  const numbered = !spoken.has("places");
  /** Bets of a batch that is not too large where a frame has 8,192 bytes. */
  const sizeMax = numbered ? 200 : 1000;

  const checkRun = (line: Line, sent: readonly Bet[], winners: readonly string[] | undefined) => {
    assert.deepEqual(winners, draws ? winnersOf(sent) : undefined);
    assert.equal(line.desk.lines, linesOf(sent));
    // Without a word for the end of the bets nobody is ever done.
    assert.equal(line.desk.book.state, draws ? "drawn" : "open");
  };

  const who = `agencies and a central that speak ${name}`;

  describe(`${who} (${seedNote})`, () => {
    for (const [what, count, size] of FILES) {
      for (const number of [7, WON]) {
        it(`${who} carry ${what}, ${number === WON ? "of winners" : "without a winner"}`, async () => {
          const line = new Line(version);
          const sent = bets(count, { number });
          checkRun(line, sent, await line.run(sent, Math.min(size, sizeMax)));
        });
      }

      for (const pieceBytes of [1, 1448]) {
        it(`${who} carry ${what} in pieces of ${pieceBytes} bytes`, async () => {
          const line = new Line(version, new MemoryDesk(1), { pieceBytes });
          const sent = bets(count);
          checkRun(line, sent, await line.run(sent, Math.min(size, sizeMax)));
        });
      }
    }

    it(`${who} carry exactly one winner behind a last batch that is full`, async () => {
      const line = new Line(version);
      const sent = bets(6).with(4, bet({ document: "5" }));
      checkRun(line, sent, await line.run(sent));
    });

    it(`${who} carry odd names as they are`, async () => {
      const line = new Line(version);
      const sent = spoken.oddBets.map((odd) => bet(odd));
      checkRun(line, sent, await line.run(sent));
    });

    it(`${who} carry any bets that fit, and find the winners among them`, async () => {
      const files = fc.array(anyBetOf(spoken), { maxLength: 20 });
      const sizes = fc.integer({ min: 1, max: 9 });
      await fc.assert(
        fc.asyncProperty(files, sizes, async (sent, size) => {
          const line = new Line(version);
          const winners = await line.run(sent, size);
          assert.equal(line.desk.lines, linesOf(sent));
          if (draws) assert.deepEqual(winners, winnersOf(sent));
        }),
        { seed, numRuns: 20 },
      );
    });

    if (draws) {
      it(`${who} hold a whole draw of three, who all wait for the last`, async () => {
        const line = new Line(version, new MemoryDesk(3));
        // Nobody's last batch is full, which matters in some dialect.
        const files = ([1, 2, 3] as AgencyId[]).map((agency) => [
          ...bets(40 * agency, { agency }),
          ...bets(agency - 1, { agency, number: WON }),
        ]);
        const runs = files.map((sent, index) => line.run(sent, 7, index + 1));
        assert.deepEqual(await Promise.all(runs), files.map(winnersOf));
        for (const [index, sent] of files.entries()) {
          assert.equal(storedOf(line.desk, index + 1), linesOf(sent));
        }
      });

      it(`${who} tell 20,000 winners`, async () => {
        const line = new Line(version);
        const sent = bets(20_000, { number: WON });
        assert.deepEqual(await line.run(sent, sizeMax - 1), documentsOf(sent));
      });
    }

    it(`P2 ${who} store everything once though agencies are killed anywhere and run again`, async () => {
      // Where a central does not know that a run begins, the same batch twice in a file is one, and a batch of
      // one may be a single bet: docs/replays.md.
      const knowsRuns = numbered || manners.firstPlace === "run-start";
      const sent = [...bets(6), ...(knowsRuns ? bets(6) : []), ...bets(8, { number: WON })];
      const kills = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 5 });
      const sizes = fc.integer({ min: knowsRuns ? 1 : 2, max: 9 });
      await fc.assert(
        fc.asyncProperty(kills, sizes, async (moments, size) => {
          const desk = new MemoryDesk(1);
          for (const bytesMax of moments) {
            await new Line(version, desk, { bytesMax }).killed(sent, size);
          }
          const line = new Line(version, desk);
          checkRun(line, sent, await line.run(sent, size));
        }),
        { seed, numRuns: 60 },
      );
    });

    it(`P2 ${who} store everything once though the agency is killed at any byte of an answer`, async () => {
      const sent = [...bets(3), bet()];
      const whole = new Line(version);
      await whole.run(sent);
      const { length } = Buffer.concat(
        whole.network.conversations.flatMap(({ fromCentral }) => fromCentral),
      );
      for (let centralBytesMax = 1; centralBytesMax < length; centralBytesMax++) {
        const desk = new MemoryDesk(1);
        await new Line(version, desk, { centralBytesMax }).killed(sent);
        const line = new Line(version, desk);
        checkRun(line, sent, await line.run(sent));
      }
    });

    it(`${who} carry a single bet, once however often it is sent`, async () => {
      const line = new Line(version);
      for (let time = 0; time < 3; time++) {
        const answer = await line.use((link) => link.sendSingle(outgoing([bet()])));
        assert.equal(answer.kind, "accepted");
      }
      assert.equal(line.desk.lines, linesOf([bet()]));
    });

    if (manners.afterRefusal === "rejected") {
      it(`${who} agree on what is refused: the batch with a bad bet, and no other`, async () => {
        const line = new Line(version);
        const numbers = [1, 10_000, 2, 12_345, 4];
        const kinds = await line.use(async (link) => {
          const answers: string[] = [];
          for (const number of numbers) {
            const sequence = answers.filter((kind) => kind === "accepted").length + 1;
            answers.push((await link.send(outgoing([bet({ number })], sequence))).kind);
          }
          return answers;
        });
        assert.deepEqual(kinds, ["accepted", "rejected", "accepted", "rejected", "accepted"]);
        assert.equal(line.desk.lines, linesOf([1, 2, 4].map((number) => bet({ number }))));
      });
    } else {
      it(`${who} part when a batch is refused`, async () => {
        const line = new Line(version);
        const bad = outgoing([bet(), bet({ number: 10_000 })]);
        await assert.rejects(
          line.use((link) => link.send(bad)),
          { code: manners.afterRefusal },
        );
        assert.equal(line.desk.lines, "");
      });
    }

    if (manners.afterRefusal === "rejected" && !numbered) {
      it(`${who} recognise a run that comes again though its first batch is refused`, async () => {
        const line = new Line(version);
        const batches = inBatches([bet({ number: 10_000 }), ...bets(3)], 1);
        for (let time = 0; time < 3; time++) {
          const kinds = await line.use(async (link) => {
            const answers: string[] = [];
            for (const batch of batches) answers.push((await link.send(batch)).kind);
            return answers;
          });
          assert.deepEqual(kinds, ["rejected", "accepted", "accepted", "accepted"]);
        }
        assert.equal(line.desk.lines, linesOf(bets(3)));
      });
    }

    if (!numbered && !draws) {
      it(`${who} store what is sent, however often, where replays are not looked for`, async () => {
        const line = new Line(version, new MemoryDesk(1, "store"));
        for (let time = 0; time < 2; time++) await line.run(bets(3));
        assert.equal(line.desk.lines, linesOf([...bets(3), ...bets(3)]));
      });
    }

    if (draws) {
      it(`${who} part when the agency is none of the draw's`, async () => {
        const line = new Line(version);
        await assert.rejects(line.run([], 3, 2), { code: manners.strangerCode });
        assert.equal(line.desk.lines, "");
      });
    }
  });
}

it(`a file is sent on from where a link that knows it says`, async () => {
  const [version] = VERSIONS.filter(({ spoken }) => !spoken.has("places"));
  const line = new Line(version ?? assert.fail("no dialect has numbers"));
  await line.use(async (link) => link.send(outgoing(bets(3))));
  const before = line.network.conversations.length;
  await line.use((link) => sendFile(link, inBatches(bets(7), 3)));
  assert.equal(line.network.conversations.length, before + 1);
  assert.equal(line.desk.lines, linesOf(bets(7)));
});
