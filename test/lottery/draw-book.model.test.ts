import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Batch } from "../../src/lottery/batch.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { type DoneEntry, DrawBook, type Entry } from "../../src/lottery/draw-book.ts";
import { sealOf } from "../../src/lottery/seal.ts";
import type { WinnersSum } from "../../src/lottery/winners.ts";
import { enterBatch } from "../support/enter-batch.ts";

const AGENCIES = 3;

/** The draw in its simplest form: every accepted batch in a list. */
class NaiveDraw {
  state: "open" | "sealed" | "drawn" = "open";
  readonly accepted = new Map<AgencyId, Batch[]>();
  readonly done = new Set<AgencyId>();

  of(agency: AgencyId): Batch[] {
    return this.accepted.get(agency) ?? [];
  }

  bets(agency: AgencyId): number {
    return this.of(agency).reduce((sum, batch) => sum + batch.count, 0);
  }

  head(agency: AgencyId, batches: number = this.of(agency).length): Buffer {
    return this.of(agency)
      .slice(0, batches)
      .reduce(
        (head, { sequence, count, lines }) => nextHead(head, sequence, count, lines),
        FIRST_HEAD,
      );
  }

  offer(batch: Batch): Entry["kind"] {
    const before = this.of(batch.agency);
    const same = before[batch.sequence - 1];
    if (batch.sequence <= before.length) {
      const equal =
        same !== undefined &&
        same.count === batch.count &&
        Buffer.compare(same.lines, batch.lines) === 0;
      return equal ? "duplicate" : "conflict";
    }
    if (this.state !== "open" || this.done.has(batch.agency)) return "late";
    if (batch.sequence > before.length + 1) return "gap";
    this.accepted.set(batch.agency, [...before, batch]);
    return "new";
  }

  sayDone(agency: AgencyId, claimsTruly: boolean): DoneEntry["kind"] {
    if (!claimsTruly) return "mismatch";
    if (this.done.has(agency)) return "already";
    this.done.add(agency);
    return "done";
  }

  winners(agency: AgencyId): string[] {
    return this.of(agency)
      .flatMap((batch) => Buffer.from(batch.lines).toString().split("\r\n"))
      .filter((line) => line.endsWith(",7574"))
      .map((line) => line.split(",")[3] ?? "");
  }
}

const agency = fc.integer({ min: 1, max: AGENCIES }) as fc.Arbitrary<AgencyId>;
const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("offer" as const),
      agency,
      // Mostly the next batch, sometimes an old one or one too far ahead.
      offset: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 2 })),
      document: fc.integer({ min: 1, max: 3 }),
      number: fc.constantFrom(7574, 1),
      count: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("done" as const),
      agency,
      claim: fc.constantFrom("none", "true", "batches", "bets", "head"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("seal" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("draw" as const) }) },
);

type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** Brings every draw to its end, from any state. */
const ENDING: readonly Command[] = [
  ...Array.from({ length: AGENCIES }, (_, index) => {
    const agency = (index + 1) as AgencyId;
    return { kind: "done", agency, claim: "true" } as const;
  }),
  { kind: "seal" },
  { kind: "draw" },
];

function play(book: DrawBook, model: NaiveDraw, command: Command): void {
  switch (command.kind) {
    case "offer": {
      const { agency, document, number, count } = command;
      const sequence = Math.max(1, model.of(agency).length + 1 + command.offset);
      const line = `${agency},Ana,Paz,${document},2000-01-01,${number}\r\n`;
      const batch = { agency, sequence, count, lines: Buffer.from(line.repeat(count)) };
      const expected = model.offer(batch);
      const entry = book.weigh(batch);
      assert.equal(entry.kind, expected);
      if (entry.kind === "new") enterBatch(book, batch, entry.head);
      if (entry.kind === "gap") assert.equal(entry.expected, model.of(agency).length + 1);
      if (entry.kind === "new" || entry.kind === "duplicate") {
        assert.deepEqual(entry.head, model.head(agency, sequence));
      }
      return;
    }
    case "done": {
      const { agency } = command;
      const truth = {
        batches: model.of(agency).length,
        bets: model.bets(agency),
        head: model.head(agency),
      };
      const claim = {
        none: undefined,
        true: truth,
        batches: { ...truth, batches: truth.batches + 1 },
        bets: { ...truth, bets: truth.bets + 1 },
        head: { ...truth, head: nextHead(truth.head, 1, 1, Buffer.alloc(0)) },
      }[command.claim];
      const expected = model.sayDone(agency, claim === undefined || claim === truth);
      const entry = claim === undefined ? book.weighDone(agency) : book.weighDone(agency, claim);
      assert.equal(entry.kind, expected);
      if (entry.kind === "mismatch") assert.deepEqual(entry.standing, book.standing(agency));
      if (entry.kind === "done") book.enterDone(agency);
      return;
    }
    case "seal":
      if (model.state !== "open" || model.done.size < AGENCIES) {
        assert.throws(() => book.enterSeal(), RangeError);
        return;
      }
      book.enterSeal();
      model.state = "sealed";
      return;
    case "draw":
      if (model.state !== "sealed") {
        assert.throws(() => book.enterDraw(), RangeError);
        return;
      }
      book.enterDraw();
      model.state = "drawn";
  }
}

function sumOf(documents: readonly string[]): WinnersSum {
  return { count: documents.length, documentBytes: documents.join("").length };
}

const NO_ACTS = { count: 0, head: FIRST_HEAD };

function compare(book: DrawBook, model: NaiveDraw): void {
  assert.equal(book.state, model.state);
  assert.equal(book.doneCount, model.done.size);
  assert.equal(book.complete, model.done.size === AGENCIES);
  const sealed = Array.from({ length: AGENCIES }, (_, index) => {
    const agency = (index + 1) as AgencyId;
    const [batches, bets, head] = [model.of(agency).length, model.bets(agency), model.head(agency)];
    const done = model.done.has(agency);
    assert.deepEqual(book.standing(agency), { nextSequence: batches + 1, bets, head, done });
    if (model.state === "drawn")
      assert.deepEqual(book.winners(agency), sumOf(model.winners(agency)));
    else assert.throws(() => book.winners(agency), RangeError);
    return { agency, batches, bets, head, closedOut: false };
  });
  assert.deepEqual(book.sealedAgencies(), sealed);
  assert.deepEqual(
    book.seal,
    model.state === "open" ? undefined : sealOf({ draw: "7", agencies: sealed, acts: NO_ACTS }),
  );
}

describe("DrawBook, with any events in any order", () => {
  it("does the same as a plain list of batches", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60, size: "max" }), (commands) => {
        const book = new DrawBook({ name: "7", winningNumber: 7574, agencies: AGENCIES });
        const model = new NaiveDraw();
        for (const command of [...commands, ...ENDING]) {
          play(book, model, command);
          compare(book, model);
        }
        assert.equal(model.state, "drawn");
      }),
      { numRuns: 300 },
    );
  });
});
