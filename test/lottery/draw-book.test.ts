import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { DrawBook } from "../../src/lottery/draw-book.ts";
import { FIRST_STANDING } from "../../src/lottery/standing.ts";
import { NO_WINNERS } from "../../src/lottery/winners.ts";

const one = 1 as AgencyId;
const two = 2 as AgencyId;
const lines = Buffer.from("1,Ana,Paz,0042,2000-01-01,7574\r\n");
const otherLines = Buffer.from("1,Eva,Paz,43,2000-01-01,1\r\n");
const newBook = (agencies = 2) => new DrawBook({ name: "1", winningNumber: 7574, agencies });

function enter(book: DrawBook, agency: AgencyId, sequence: number): Buffer {
  const batch = { agency, sequence, count: 1, lines };
  const entry = book.weigh(batch);
  assert.equal(entry.kind, "new");
  if (entry.kind !== "new") throw new Error();
  book.enter(batch, entry.head);
  return entry.head;
}

describe("DrawBook", () => {
  it("starts open, everybody at the beginning", () => {
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

  it("knows a repeated batch even after DONE and the draw, by lines, count and place", () => {
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

  it("names the sequence that a hole leaves out", () => {
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
    book.enterDone(one);
    assert.equal(book.doneCount, 1);
    assert.equal(book.complete, false);
    book.enterDone(two);
    assert.equal(book.complete, true);
  });

  it("seals only when everybody is done, draws only when sealed, each once", () => {
    const book = newBook(1);
    assert.throws(() => book.enterSeal(), { message: "Cannot seal a draw that is open, 0 done" });
    assert.throws(() => book.enterDraw(), { message: "Cannot draw a draw that is open" });
    book.enterDone(one);
    const seal = book.enterSeal();
    assert.deepEqual(book.seal, seal);
    assert.equal(book.state, "sealed");
    assert.throws(() => book.enterSeal(), { message: "Cannot seal a draw that is sealed, 1 done" });
    book.enterDraw();
    assert.throws(() => book.enterDraw(), { message: "Cannot draw a draw that is drawn" });
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

  it("never completes a draw of no agencies", () => assert.equal(newBook(0).complete, false));

  it("keeps strangers out, who would miss the seal", () => {
    const book = newBook(2);
    const stranger = 3 as AgencyId;
    const message = "Cannot keep the book for agency 3: the draw has 2";
    const batch = { agency: stranger, sequence: 1, count: 1, lines };
    assert.throws(() => book.weigh(batch), { message });
    assert.throws(() => book.enter(batch, FIRST_HEAD), { message });
    assert.throws(() => book.weighDone(stranger), { message });
    assert.throws(() => book.enterDone(stranger), { message });
  });
});
