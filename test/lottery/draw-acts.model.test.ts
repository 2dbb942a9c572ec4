import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Act, Deed } from "../../src/lottery/act.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { DrawBook } from "../../src/lottery/draw-book.ts";
import type { DrawPlan } from "../../src/lottery/draw-plan.ts";
import { enterBatch } from "../support/enter-batch.ts";

const AGENCIES = [1, 2, 3] as const;
const lines = Buffer.from("1,Ana,Paz,0042,2000-01-01,7\r\n");

type Step =
  | { readonly kind: "act"; readonly deed: Deed; readonly by: string }
  | { readonly kind: "batch"; readonly agency: number }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "draw" };

const agency = fc.constantFrom(...AGENCIES);
const number = fc.constantFrom(7, 8);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<Deed>({ kind: "close" }, { kind: "cancel" }) },
  { weight: 2, arbitrary: fc.constantFrom<Deed>({ kind: "open" }, { kind: "run" }) },
  {
    weight: 3,
    arbitrary: agency.map((of): Deed => ({ kind: "close-out", agency: of as AgencyId })),
  },
  { weight: 3, arbitrary: number.map((told): Deed => ({ kind: "propose-number", number: told })) },
  { weight: 4, arbitrary: number.map((told): Deed => ({ kind: "tell-number", number: told })) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("act" as const), deed, by: fc.constantFrom("ana", "eva") }),
    fc.record({ kind: fc.constant("batch" as const), agency }),
    fc.record({ kind: fc.constant("done" as const), agency }),
    fc.record({ kind: fc.constant("draw" as const) }),
  ),
  { maxLength: 40 },
);

/** Everything about the draw in plain sets and flags, and the rules as sentences. */
class Naive {
  readonly bets = new Map<number, number>();
  readonly done = new Set<number>();
  readonly out = new Set<number>();
  acts = 0;
  begun = false;
  sealed = false;
  cancelled = false;
  drawn = false;
  number: number | undefined;
  proposal: { readonly number: number; readonly by: string } | undefined;
  released: boolean;
  readonly #plan: DrawPlan;

  constructor(plan: DrawPlan) {
    this.#plan = plan;
    this.number = plan.winningNumber;
    this.released = plan.byOperator !== true;
  }

  get takesBets(): boolean {
    return !this.sealed && !this.cancelled;
  }

  takesFrom(of: number): boolean {
    return this.takesBets && !this.done.has(of) && !this.out.has(of);
  }

  sealIfAll(): void {
    if (AGENCIES.every((of) => this.done.has(of) || this.out.has(of))) this.sealed = true;
  }

  /** @returns what must be the answer */
  act(wish: Deed, by: string): string {
    const answer = this.#judge(wish, by);
    if (answer !== "new") return answer;
    this.acts++;
    switch (wish.kind) {
      case "close":
        for (const of of AGENCIES) if (!this.done.has(of)) this.out.add(of);
        this.sealed = true;
        break;
      case "close-out":
        this.out.add(wish.agency);
        this.begun = true;
        this.sealIfAll();
        break;
      case "cancel":
        this.cancelled = true;
        break;
      case "propose-number":
        this.proposal = { number: wish.number, by };
        break;
      case "tell-number":
        this.number = wish.number;
        break;
      case "run":
        this.released = true;
        break;
      default:
    }
    return answer;
  }

  #judge(wish: Deed, by: string): string {
    if (this.cancelled) return wish.kind === "cancel" ? "already" : "cancelled";
    switch (wish.kind) {
      case "open":
        return this.takesBets && this.acts === 0 && !this.begun ? "new" : "already";
      case "close":
        return this.takesBets ? "new" : "already";
      case "close-out":
        if (this.done.has(wish.agency) || this.out.has(wish.agency)) return "already";
        return this.takesBets ? "new" : "not-open";
      case "cancel":
        return this.takesBets ? "new" : "not-open";
      case "run":
        if (!this.sealed) return "not-sealed";
        if (this.number === undefined) return "number-unknown";
        return this.released ? "already" : "new";
      default: {
        if (!this.sealed) return "not-sealed";
        if (this.number !== undefined) {
          return this.number === wish.number ? "already" : "number-known";
        }
        if (wish.kind === "propose-number") {
          const again = this.proposal?.number === wish.number && this.proposal.by === by;
          return again ? "already" : "new";
        }
        if (this.#plan.secondOperator !== true) return "new";
        if (this.proposal === undefined) return "not-proposed";
        if (this.proposal.by === by) return "same-operator";
        return this.proposal.number === wish.number ? "new" : "other-number";
      }
    }
  }
}

function play(book: DrawBook, model: Naive, step: Step): void {
  switch (step.kind) {
    case "act": {
      const act: Act = { deed: step.deed, atMs: 0, by: step.by, reason: "" };
      const entry = book.weighAct(act);
      const answer = model.act(step.deed, step.by);
      assert.equal(entry.kind === "refused" ? entry.why : entry.kind, answer);
      if (entry.kind !== "new") return;
      assert.equal(entry.sequence, model.acts);
      book.enterAct(act, entry.head);
      break;
    }
    case "batch": {
      const of = step.agency as AgencyId;
      const { nextSequence: sequence } = book.standing(of);
      const batch = { agency: of, sequence, count: 1, lines };
      const entry = book.weigh(batch);
      assert.equal(entry.kind, model.takesFrom(of) ? "new" : "late");
      if (entry.kind !== "new") return;
      enterBatch(book, batch, entry.head);
      model.begun = true;
      model.bets.set(of, (model.bets.get(of) ?? 0) + 1);
      break;
    }
    case "done": {
      const of = step.agency as AgencyId;
      const { nextSequence, bets, head } = book.standing(of);
      const { kind } = book.weighDone(of, { batches: nextSequence - 1, bets, head });
      // A claim that is right is right, also when the draw went on without the agency.
      const known = model.done.has(of) || model.out.has(of);
      assert.equal(kind, known ? "already" : model.takesFrom(of) ? "done" : "late");
      if (kind !== "done") return;
      book.enterDone(of);
      model.begun = true;
      model.done.add(of);
      model.sealIfAll();
      break;
    }
    case "draw": {
      const drawable = model.sealed && !model.drawn && model.number !== undefined && model.released;
      if (book.state === "drawn") return;
      assert.equal(book.drawable, drawable);
      if (!drawable) return;
      book.enterDraw();
      model.drawn = true;
    }
  }
  // A store seals as soon as the draw is complete.
  if (book.state === "open" && book.complete) book.enterSeal();
}

function compare(book: DrawBook, model: Naive): void {
  const state = model.cancelled
    ? "cancelled"
    : model.drawn
      ? "drawn"
      : model.sealed
        ? "sealed"
        : "open";
  assert.equal(book.state, state);
  assert.equal(book.acts.length, model.acts);
  assert.equal(book.winningNumber, model.number);
  for (const of of AGENCIES) {
    const { bets, done, closedOut = false } = book.standing(of as AgencyId);
    assert.deepEqual(
      { bets, done, closedOut },
      { bets: model.bets.get(of) ?? 0, done: model.done.has(of), closedOut: model.out.has(of) },
    );
  }
}

const plans: fc.Arbitrary<DrawPlan> = fc.record({
  name: fc.constant("noche"),
  winningNumber: fc.constantFrom(undefined, 7),
  agencies: fc.constant(AGENCIES.length),
  secondOperator: fc.boolean(),
  byOperator: fc.boolean(),
});

describe("P4 DrawBook, with any acts between any events", () => {
  it("does the same as plain sets and rules, and never opens again", () => {
    fc.assert(
      fc.property(plans, steps, (plan, story) => {
        const book = new DrawBook(plan);
        const model = new Naive(plan);
        for (const step of story) {
          play(book, model, step);
          compare(book, model);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("enters no act that it would not weigh as new", () => {
    const book = new DrawBook({ name: "1", winningNumber: undefined, agencies: 1 });
    const told: Act = { deed: { kind: "tell-number", number: 7 }, atMs: 0, by: "ana", reason: "" };
    assert.throws(() => book.enterAct(told, Buffer.alloc(32)), {
      name: "RangeError",
      message: "Cannot enter the act tell-number in a draw that is open: not-sealed",
    });
    assert.throws(
      () => book.enterWinners(1 as AgencyId, { count: 1, documentBytes: 1 }),
      RangeError,
    );
    assert.throws(() => book.sealed(), RangeError);
  });
});
