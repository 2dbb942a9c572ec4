import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Deed } from "../../src/lottery/act.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD, HEAD_BYTES, nextHead } from "../../src/lottery/chain.ts";
import { DrawBook } from "../../src/lottery/draw-book.ts";
import { FIRST_STANDING } from "../../src/lottery/standing.ts";
import { NO_WINNERS, type WinnersSum } from "../../src/lottery/winners.ts";
import { enterBatch } from "../support/enter-batch.ts";

const one = 1 as AgencyId;
const two = 2 as AgencyId;
const lines = Buffer.from("1,Ana,Paz,0042,2000-01-01,7574\r\n");
const otherLines = Buffer.from("1,Eva,Paz,43,2000-01-01,1\r\n");
const HEAD = Buffer.alloc(HEAD_BYTES, 7);
const newBook = (agencies = 2) => new DrawBook({ name: "1", winningNumber: 7574, agencies });

function act(book: DrawBook, deed: Deed): void {
  const act = { deed, atMs: 0, by: "ana", reason: "" };
  const entry = book.weighAct(act);
  if (entry.kind !== "new") assert.fail(`the act is ${entry.kind}`);
  book.enterAct(act, entry.head);
}

function enter(book: DrawBook, agency: AgencyId, sequence: number): Buffer {
  const batch = { agency, sequence, count: 1, lines };
  const entry = book.weigh(batch);
  assert.equal(entry.kind, "new");
  if (entry.kind !== "new") throw new Error();
  enterBatch(book, batch, entry.head);
  return entry.head;
}

describe("DrawBook", () => {
  it("starts open, with every agency at its beginning", () => {
    const book = newBook();
    assert.equal(book.state, "open");
    assert.equal(book.seal, undefined);
    assert.equal(book.complete, false);
    assert.deepEqual(book.standing(one), FIRST_STANDING);
  });

  it("keeps one chain per agency", () => {
    const book = newBook();
    const first = enter(book, one, 1);
    assert.deepEqual(first, nextHead(FIRST_HEAD, 1, 1, lines));
    const second = enter(book, one, 2);
    assert.deepEqual(second, nextHead(first, 2, 1, lines));
    assert.deepEqual(enter(book, two, 1), first);
    assert.deepEqual(book.standing(one), { nextSequence: 3, bets: 2, head: second, done: false });
  });

  it("weighs without changing anything", () => {
    const book = newBook();
    const batch = { agency: one, sequence: 1, count: 1, lines };
    assert.deepEqual(book.weigh(batch), book.weigh(batch));
    book.weighDone(one);
    assert.deepEqual(book.standing(one), FIRST_STANDING);
  });

  it("recognises a repeated batch even after DONE and the draw, by lines, count and sequence", () => {
    const book = newBook(1);
    const head = enter(book, one, 1);
    enter(book, one, 2);
    book.enterDone(one);
    book.enterSeal();
    book.enterDraw();
    const batch = { agency: one, sequence: 1, count: 1, lines };
    assert.deepEqual(book.weigh(batch), { kind: "duplicate", head });
    assert.equal(book.weigh({ ...batch, lines: otherLines }).kind, "conflict");
    assert.equal(book.weigh({ ...batch, count: 2 }).kind, "conflict");
    assert.equal(book.weigh({ ...batch, sequence: 0 }).kind, "conflict");
    assert.equal(book.weigh({ ...batch, sequence: 2 }).kind, "duplicate");
    assert.equal(book.weigh({ ...batch, sequence: 3 }).kind, "late");
    assert.equal(book.weigh({ ...batch, sequence: 4 }).kind, "late");
  });

  it("names the missing sequence before a gap", () => {
    const book = newBook();
    enter(book, one, 1);
    const entry = book.weigh({ agency: one, sequence: 3, count: 1, lines });
    assert.deepEqual(entry, { kind: "gap", expected: 2 });
    assert.throws(() => book.enterSummary(one, 3, 1, FIRST_HEAD, NO_WINNERS), {
      name: "RangeError",
      message: "Cannot enter batch 3 of agency 1: 2 is next",
    });
  });

  it("remembers thousands of batches", () => {
    const book = newBook();
    const heads = Array.from({ length: 3000 }, (_, index) => enter(book, one, index + 1));
    for (const sequence of [1, 64, 65, 128, 129, 2999, 3000]) {
      assert.deepEqual(book.weigh({ agency: one, sequence, count: 1, lines }), {
        kind: "duplicate",
        head: heads[sequence - 1],
      });
    }
  });

  it("compares an agency's claim with what it has", () => {
    const book = newBook();
    const head = enter(book, one, 1);
    const standing = book.standing(one);
    const claim = { batches: 1, bets: 1, head };
    for (const wrong of [{ batches: 2 }, { bets: 2 }, { head: FIRST_HEAD }]) {
      const entry = book.weighDone(one, { ...claim, ...wrong });
      assert.deepEqual(entry, { kind: "mismatch", standing });
    }
    assert.deepEqual(book.weighDone(one, claim), { kind: "done" });
    book.enterDone(one);
    assert.deepEqual(book.weighDone(one, claim), { kind: "already" });
    assert.deepEqual(book.weighDone(one), { kind: "already" });
    assert.equal(book.weighDone(one, { ...claim, bets: 2 }).kind, "mismatch");
  });

  it("counts an agency's DONE once", () => {
    const book = newBook();
    book.enterDone(one);
    assert.throws(() => book.enterDone(one), {
      name: "RangeError",
      message: "Cannot enter that agency 1 is done: the agency is done already",
    });
    assert.equal(book.doneCount, 1);
    assert.equal(book.complete, false);
    book.enterDone(two);
    assert.equal(book.complete, true);
  });

  it("seals only when every agency is done, and draws only when it is sealed, each once", () => {
    const book = newBook(1);
    assert.throws(() => book.enterSeal(), { message: "Cannot seal a draw that is open, 0 done" });
    assert.throws(() => book.enterDraw(), {
      message: "Cannot draw a draw that is open: it is not sealed",
    });
    book.enterDone(one);
    const seal = book.enterSeal();
    assert.deepEqual(book.seal, seal);
    assert.equal(book.state, "sealed");
    assert.throws(() => book.enterSeal(), { message: "Cannot seal a draw that is sealed, 1 done" });
    book.enterDraw();
    assert.throws(() => book.enterDraw(), {
      message: "Cannot draw a draw that is drawn: it is not sealed",
    });
  });

  it("tells no winners before the draw", () => {
    const book = newBook(1);
    enter(book, one, 1);
    const early = /^Cannot tell winners of a draw that is (open|sealed)$/;
    assert.throws(() => book.winners(one), { name: "RangeError", message: early });
    book.enterDone(one);
    book.enterSeal();
    assert.throws(() => book.winners(one), { name: "RangeError", message: early });
    book.enterDraw();
    assert.deepEqual(book.winners(one), { count: 1, documentBytes: 4 });
  });

  it("never completes a draw without agencies", () => assert.equal(newBook(0).complete, false));

  it("refuses agencies that are not of the draw, because they would not be in the seal", () => {
    for (const stranger of [3, 0, -1, 1.5, Number.NaN] as AgencyId[]) {
      const book = newBook(2);
      const refusal = {
        name: "RangeError",
        message: `Cannot keep the book for agency ${stranger}: the draw has 2`,
      };
      const batch = { agency: stranger, sequence: 1, count: 1, lines };
      assert.throws(() => book.weigh(batch), refusal);
      assert.throws(() => enterBatch(book, batch, FIRST_HEAD), refusal);
      assert.throws(() => book.resumeBets(stranger, 1, NO_WINNERS), refusal);
      assert.throws(() => book.weighDone(stranger), refusal);
      assert.throws(() => book.enterDone(stranger), refusal);
      assert.throws(() => book.standing(stranger), refusal);
      assert.throws(() => book.winners(stranger), refusal);
      assert.equal(book.doneCount, 0);
    }
  });
});

const noBatch = (sequence: number) => ({
  name: "RangeError",
  message: `Cannot compare with batch ${sequence} of agency 1: it has none`,
});

describe("DrawBook, when its owner makes a mistake", () => {
  const late: readonly [when: string, change: (book: DrawBook) => void, why: string][] = [
    ["after the agency's DONE", (book) => book.enterDone(one), "the agency is done already"],
    [
      "after the seal",
      (book) => {
        book.enterDone(one);
        book.enterSeal();
      },
      "the draw is sealed",
    ],
    [
      "after the draw",
      (book) => {
        book.enterDone(one);
        book.enterSeal();
        book.enterDraw();
      },
      "the draw is drawn",
    ],
    [
      "after the agency was closed out",
      (book) => act(book, { kind: "close-out", agency: one }),
      "the agency is closed out",
    ],
    ["after a close", (book) => act(book, { kind: "close" }), "the draw is closed"],
    ["after a cancellation", (book) => act(book, { kind: "cancel" }), "the draw is cancelled"],
  ];
  for (const [when, change, why] of late) {
    it(`enters nothing ${when}, and does not change`, () => {
      const book = newBook(1);
      enter(book, one, 1);
      change(book);
      const [before, done] = [book.standing(one), book.doneCount];
      const entries: readonly [what: string, attempt: () => void][] = [
        ["batch 2 of agency 1", () => book.enterSummary(one, 2, 1, HEAD, NO_WINNERS)],
        ["bets of agency 1", () => book.resumeBets(one, 1, NO_WINNERS)],
        ["that agency 1 is done", () => book.enterDone(one)],
      ];
      for (const [what, attempt] of entries) {
        assert.throws(attempt, { name: "RangeError", message: `Cannot enter ${what}: ${why}` });
      }
      assert.deepEqual(book.standing(one), before);
      assert.equal(book.doneCount, done);
    });
  }

  const impossible: readonly [what: string, count: number, winners: WinnersSum, told: string][] = [
    ["no bets", 0, NO_WINNERS, "count is 0, with 0 winners in 0 bytes"],
    ["fewer than no bets", -1, NO_WINNERS, "count is -1, with 0 winners in 0 bytes"],
    ["half a bet", 1.5, NO_WINNERS, "count is 1.5, with 0 winners in 0 bytes"],
    [
      "more winners than bets",
      1,
      { count: 2, documentBytes: 8 },
      "count is 1, with 2 winners in 8 bytes",
    ],
    [
      "fewer winners than none",
      1,
      { count: -1, documentBytes: -1 },
      "count is 1, with -1 winners in -1 bytes",
    ],
    [
      "a winner without a document",
      1,
      { count: 1, documentBytes: 0 },
      "count is 1, with 1 winners in 0 bytes",
    ],
    [
      "a winner with a document that is too long",
      1,
      { count: 1, documentBytes: 11 },
      "count is 1, with 1 winners in 11 bytes",
    ],
    [
      "a document without a winner",
      1,
      { count: 0, documentBytes: 4 },
      "count is 1, with 0 winners in 4 bytes",
    ],
  ];
  for (const [what, count, winners, told] of impossible) {
    it(`enters no batch and no earlier life of ${what}`, () => {
      const book = newBook();
      assert.throws(() => book.enterSummary(one, 1, count, HEAD, winners), {
        name: "RangeError",
        message: `Cannot enter batch 1 of agency 1: ${told}`,
      });
      assert.throws(() => book.resumeBets(one, count, winners), {
        name: "RangeError",
        message: `Cannot enter bets of agency 1: ${told}`,
      });
      assert.deepEqual(book.standing(one), FIRST_STANDING);
    });
  }

  it("enters batches only one after the other, each once", () => {
    const book = newBook();
    enter(book, one, 1);
    for (const sequence of [0, 1, 3, 1.5]) {
      assert.throws(() => book.enterSummary(one, sequence, 1, HEAD, NO_WINNERS), {
        name: "RangeError",
        message: `Cannot enter batch ${sequence} of agency 1: 2 is next`,
      });
    }
    assert.equal(book.standing(one).nextSequence, 2);
  });

  it("enters only chain heads of 32 bytes", () => {
    const book = newBook();
    for (const bytes of [0, 31, 33]) {
      assert.throws(() => book.enterSummary(one, 1, 1, Buffer.alloc(bytes), NO_WINNERS), {
        name: "RangeError",
        message: `Cannot enter batch 1 of agency 1: its head has ${bytes} bytes, not 32`,
      });
    }
    assert.deepEqual(book.standing(one), FIRST_STANDING);
  });

  it("resumes an agency once, and before its first batch", () => {
    const book = newBook();
    const refusal = {
      name: "RangeError",
      message: "Cannot resume agency 1: it has bets already",
    };
    book.resumeBets(one, 3, { count: 1, documentBytes: 4 });
    assert.throws(() => book.resumeBets(one, 3, NO_WINNERS), refusal);
    const begun = newBook();
    enter(begun, one, 1);
    assert.throws(() => begun.resumeBets(one, 3, NO_WINNERS), refusal);
  });

  it("compares bets only with stored batches", () => {
    const book = newBook();
    const batch = { agency: one, count: 1, lines };
    assert.throws(() => book.holds(batch, 1), noBatch(1));
    enter(book, one, 1);
    assert.equal(book.holds(batch, 1), true);
    for (const sequence of [0, 2])
      assert.throws(() => book.holds(batch, sequence), noBatch(sequence));
  });

  it("records that the draw was told once, and only after the draw", () => {
    const book = newBook(1);
    const told = "Cannot enter that the draw was logged: it is";
    assert.throws(() => book.enterTold(), { name: "RangeError", message: `${told} open` });
    book.enterDone(one);
    book.enterSeal();
    assert.throws(() => book.enterTold(), { message: `${told} sealed` });
    book.enterDraw();
    book.enterTold();
    assert.throws(() => book.enterTold(), { message: `${told} logged already` });
    assert.equal(book.told, true);
  });
});
