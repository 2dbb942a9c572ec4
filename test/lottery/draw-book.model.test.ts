import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type Act, type Deed, encodeAct } from "../../src/lottery/act.ts";
import type { Batch } from "../../src/lottery/batch.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import type { ActJudgement } from "../../src/lottery/draw-acts.ts";
import {
  type DoneEntry,
  DrawBook,
  type DrawState,
  type Entry,
} from "../../src/lottery/draw-book.ts";
import type { DrawPlan } from "../../src/lottery/draw-plan.ts";
import { type SealedActs, sealOf } from "../../src/lottery/seal.ts";
import type { WinnersSum } from "../../src/lottery/winners.ts";
import { enterBatch } from "../support/enter-batch.ts";
import { seed, seedNote } from "../support/seed.ts";

const WINNING_NUMBER = 7574;

/** The draw in its simplest form: every accepted batch, every DONE and every act in a list. */
class NaiveDraw {
  state: DrawState = "open";
  readonly plan: DrawPlan;
  readonly agencies: readonly AgencyId[];
  readonly accepted = new Map<AgencyId, Batch[]>();
  readonly done = new Set<AgencyId>();
  readonly acts: Act[] = [];
  /** What the seal has of the acts. */
  sealedActs: SealedActs | undefined;

  constructor(plan: DrawPlan) {
    this.plan = plan;
    this.agencies =
      typeof plan.agencies === "number"
        ? Array.from({ length: plan.agencies }, (_, index) => (index + 1) as AgencyId)
        : plan.agencies.map(({ agency }) => agency).toSorted((a, b) => a - b);
  }

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

  get actsHead(): Buffer {
    return this.acts.reduce<Buffer>(
      (head, act, index) => nextHead(head, index + 1, 0, encodeAct(act)),
      FIRST_HEAD,
    );
  }

  did(kind: Deed["kind"]): Act[] {
    return this.acts.filter(({ deed }) => deed.kind === kind);
  }

  isClosedOut(agency: AgencyId): boolean {
    if (this.done.has(agency)) return false;
    const one = this.acts.some(({ deed }) => deed.kind === "close-out" && deed.agency === agency);
    return one || this.did("close").length > 0;
  }

  /** Agencies for which the draw waits. */
  get missing(): AgencyId[] {
    return this.agencies.filter((agency) => !this.done.has(agency) && !this.isClosedOut(agency));
  }

  /** Whether it waits for nobody, so that it takes no bets any more. */
  get over(): boolean {
    if (this.state !== "open" || this.did("close").length > 0) return true;
    return this.agencies.length > 0 && this.missing.length === 0;
  }

  get number(): number | undefined {
    const told = this.did("tell-number")[0]?.deed;
    return this.plan.winningNumber ?? (told?.kind === "tell-number" ? told.number : undefined);
  }

  get drawable(): boolean {
    const held = this.plan.byOperator === true && this.did("run").length === 0;
    return this.state === "sealed" && this.number !== undefined && !held;
  }

  offer(batch: Batch): Entry["kind"] {
    const { agency } = batch;
    const before = this.of(agency);
    const same = before[batch.sequence - 1];
    if (batch.sequence <= before.length) {
      const equal =
        same !== undefined &&
        same.count === batch.count &&
        Buffer.compare(same.lines, batch.lines) === 0;
      return equal ? "duplicate" : "conflict";
    }
    if (this.over || this.done.has(agency) || this.isClosedOut(agency)) return "late";
    if (batch.sequence > before.length + 1) return "gap";
    this.accepted.set(agency, [...before, batch]);
    return "new";
  }

  sayDone(agency: AgencyId, claim: "none" | "true" | "false"): DoneEntry["kind"] {
    if (claim === "false") return "mismatch";
    if (this.done.has(agency)) return "already";
    if (this.isClosedOut(agency)) return claim === "true" ? "already" : "late";
    if (this.over) return "late";
    this.done.add(agency);
    return "done";
  }

  judge({ deed, by }: Act): ActJudgement {
    if (this.state === "cancelled") return deed.kind === "cancel" ? "already" : "cancelled";
    switch (deed.kind) {
      case "open": {
        const fresh = this.accepted.size + this.done.size + this.acts.length === 0;
        return fresh && !this.over ? "new" : "already";
      }
      case "close":
        return this.over ? "already" : "new";
      case "close-out":
        if (!this.agencies.includes(deed.agency)) return "unknown-agency";
        return this.missing.includes(deed.agency) ? "new" : "already";
      case "cancel":
        return this.over ? "not-open" : "new";
      case "propose-number":
      case "tell-number": {
        if (this.state === "open") return "not-sealed";
        if (this.number !== undefined) {
          return this.number === deed.number ? "already" : "number-known";
        }
        const last = this.did("propose-number").at(-1);
        const proposed = last?.deed.kind === "propose-number" ? last.deed.number : undefined;
        if (deed.kind === "propose-number") {
          return proposed === deed.number && last?.by === by ? "already" : "new";
        }
        if (this.plan.secondOperator !== true) return "new";
        if (last === undefined) return "not-proposed";
        if (last.by === by) return "same-operator";
        return proposed === deed.number ? "new" : "other-number";
      }
      case "run":
        if (this.state === "open") return "not-sealed";
        if (this.number === undefined) return "number-unknown";
        return this.plan.byOperator === true && this.did("run").length === 0 ? "new" : "already";
      default:
        return deed satisfies never;
    }
  }

  winners(agency: AgencyId): string[] {
    return this.of(agency)
      .flatMap((batch) => Buffer.from(batch.lines).toString().split("\r\n"))
      .filter((line) => line.endsWith(`,${this.number ?? "nobody knows"}`))
      .map((line) => line.split(",")[3] ?? "");
  }
}

const LISTED = [9, 2, 5].map((agency) => ({ agency: agency as AgencyId, name: `No. ${agency}` }));

const plan: fc.Arbitrary<DrawPlan> = fc.record({
  name: fc.constant("7"),
  winningNumber: fc.constantFrom(WINNING_NUMBER, undefined),
  agencies: fc.constantFrom(3, LISTED),
  secondOperator: fc.constantFrom(undefined, false, true),
  byOperator: fc.constantFrom(undefined, false, true),
});

/** Place of an agency among those of the draw. */
const place = fc.nat(2);
const told = fc.constantFrom(WINNING_NUMBER, 1);
const kinds = fc.constantFrom("open", "close", "cancel", "run");
const deed = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: kinds }) },
  // The place 3 is of no agency.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("close-out"), place: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("propose-number"), number: told }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tell-number"), number: told }) },
);
const command = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant("offer" as const),
      place,
      // Mostly the next batch, sometimes an old one or one too far ahead.
      offset: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 2 })),
      document: fc.integer({ min: 1, max: 3 }),
      number: fc.constantFrom(WINNING_NUMBER, 1),
      count: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("done" as const),
      place,
      claim: fc.constantFrom("none", "true", "batches", "bets", "head"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("act" as const),
      deed: deed as fc.Arbitrary<Deed & { place?: number }>,
      by: fc.constantFrom("ana", "eva"),
      reason: fc.constantFrom("", "late"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("seal" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("draw" as const) }) },
);

type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

const act = (deed: Deed, by: "ana" | "eva"): Command => ({ kind: "act", deed, by, reason: "" });

/** Brings every draw to its end, from any state, unless it is cancelled. */
const ENDING: readonly Command[] = [
  ...[0, 1, 2].map((place): Command => ({ kind: "done", place, claim: "true" })),
  { kind: "seal" },
  act({ kind: "propose-number", number: WINNING_NUMBER }, "ana"),
  act({ kind: "tell-number", number: WINNING_NUMBER }, "eva"),
  act({ kind: "run" }, "ana"),
  { kind: "draw" },
];

function play(book: DrawBook, model: NaiveDraw, command: Command): void {
  switch (command.kind) {
    case "offer": {
      const agency = agencyAt(model, command.place);
      const { document, number, count } = command;
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
      const agency = agencyAt(model, command.place);
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
      const claimed = claim === undefined ? "none" : claim === truth ? "true" : "false";
      const expected = model.sayDone(agency, claimed);
      const entry = claim === undefined ? book.weighDone(agency) : book.weighDone(agency, claim);
      assert.equal(entry.kind, expected);
      if (entry.kind === "mismatch") assert.deepEqual(entry.standing, book.standing(agency));
      if (entry.kind === "done") book.enterDone(agency);
      return;
    }
    case "act":
      playAct(book, model, command);
      return;
    case "seal":
      if (model.state !== "open" || !model.over) {
        assert.throws(() => book.enterSeal(), RangeError);
        return;
      }
      book.enterSeal();
      model.state = "sealed";
      model.sealedActs = { count: model.acts.length, head: model.actsHead };
      return;
    case "draw":
      if (!model.drawable) {
        assert.throws(() => book.enterDraw(), RangeError);
        return;
      }
      book.enterDraw();
      model.state = "drawn";
      // Nobody could count them while the bets came.
      if (model.plan.winningNumber === undefined) {
        for (const agency of model.agencies)
          book.enterWinners(agency, sumOf(model.winners(agency)));
      }
  }
}

function playAct(
  book: DrawBook,
  model: NaiveDraw,
  { deed: { place, ...rest }, by, reason }: Extract<Command, { kind: "act" }>,
): void {
  const stranger = 77 as AgencyId;
  const deed: Deed =
    rest.kind === "close-out" && place !== undefined
      ? { ...rest, agency: model.agencies[place] ?? stranger }
      : rest;
  const one: Act = { deed, atMs: Date.UTC(2026, 10, 30) + model.acts.length, by, reason };
  const verdict = model.judge(one);
  const entry = book.weighAct(one);
  assert.equal(entry.kind === "refused" ? entry.why : entry.kind, verdict);
  if (entry.kind !== "new") {
    assert.throws(() => book.enterAct(one, FIRST_HEAD), RangeError);
    return;
  }
  book.enterAct(one, entry.head);
  model.acts.push(one);
  if (deed.kind === "cancel") model.state = "cancelled";
  assert.deepEqual(entry, { kind: "new", sequence: model.acts.length, head: model.actsHead });
}

function agencyAt(model: NaiveDraw, place: number): AgencyId {
  const agency = model.agencies[place];
  assert.ok(agency !== undefined);
  return agency;
}

function sumOf(documents: readonly string[]): WinnersSum {
  return { count: documents.length, documentBytes: documents.join("").length };
}

function compare(book: DrawBook, model: NaiveDraw): void {
  assert.equal(book.state, model.state);
  assert.equal(book.doneCount, model.done.size);
  assert.equal(book.missingCount, model.missing.length);
  if (model.state !== "cancelled") assert.equal(book.complete, model.over);
  assert.equal(book.drawable, model.drawable);
  assert.equal(book.winningNumber, model.number);
  assert.deepEqual(book.acts, model.acts);
  const sealed = model.agencies.map((agency) => {
    const [batches, bets, head] = [model.of(agency).length, model.bets(agency), model.head(agency)];
    const [done, closedOut] = [model.done.has(agency), model.isClosedOut(agency)];
    const standing = { nextSequence: batches + 1, bets, head, done };
    assert.deepEqual(book.standing(agency), closedOut ? { ...standing, closedOut } : standing);
    if (model.state === "drawn")
      assert.deepEqual(book.winners(agency), sumOf(model.winners(agency)));
    else assert.throws(() => book.winners(agency), RangeError);
    return { agency, batches, bets, head, closedOut };
  });
  assert.deepEqual(book.sealedAgencies(), sealed);
  if (model.sealedActs === undefined) {
    assert.equal(book.seal, undefined);
    assert.throws(() => book.sealed(), RangeError);
    return;
  }
  const all = { draw: "7", agencies: sealed, acts: model.sealedActs };
  assert.deepEqual(book.sealed(), all);
  assert.deepEqual(book.seal, sealOf(all));
}

/** A draw goes from a state to one of these, and never back. */
const NEXT: Readonly<Record<DrawState, readonly DrawState[]>> = {
  open: ["open", "sealed", "cancelled"],
  sealed: ["sealed", "drawn"],
  drawn: ["drawn"],
  cancelled: ["cancelled"],
};

describe(`DrawBook, with any events in any order (${seedNote})`, () => {
  it("does the same as plain lists of batches, DONEs and acts, and never goes back", () => {
    const ends = { drawn: 0, cancelled: 0, closedOut: 0, numberTold: 0 };
    fc.assert(
      fc.property(plan, fc.array(command, { maxLength: 60, size: "max" }), (of, commands) => {
        const book = new DrawBook(of);
        const model = new NaiveDraw(of);
        let before = book.state;
        for (const command of [...commands, ...ENDING]) {
          play(book, model, command);
          compare(book, model);
          assert.ok(NEXT[before].includes(book.state), `${before} to ${book.state}`);
          before = book.state;
        }
        assert.ok(model.state === "drawn" || model.state === "cancelled", model.state);
        ends[model.state]++;
        if (model.agencies.some((agency) => model.isClosedOut(agency))) ends.closedOut++;
        if (model.did("tell-number").length > 0) ends.numberTold++;
      }),
      { numRuns: 600, seed },
    );
    for (const [what, count] of Object.entries(ends)) assert.ok(count > 30, `${what}: ${count}`);
  });
});
