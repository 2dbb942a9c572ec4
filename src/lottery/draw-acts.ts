import { type Act, encodeAct } from "./act.ts";
import { FIRST_HEAD, nextHead } from "./chain.ts";
import type { DrawPlan } from "./draw-plan.ts";
import type { SealedActs } from "./seal.ts";

/** What the book decides about an act. */
export type ActEntry =
  /** Enter it with {@link ./draw-book.ts DrawBook.enterAct}, with this number and head. */
  | { readonly kind: "new"; readonly sequence: number; readonly head: Buffer }
  /** What it asks for is so already. */
  | { readonly kind: "already" }
  | { readonly kind: "refused"; readonly why: ActRefusal };

export type ActRefusal =
  /** The draw is not open any more. */
  | "not-open"
  /** There is no seal yet. */
  | "not-sealed"
  | "cancelled"
  | "unknown-agency"
  /** Another number is known already. */
  | "number-known"
  | "number-unknown"
  /** Two operators must tell the number, and none has. */
  | "not-proposed"
  /** The second operator must be another one. */
  | "same-operator"
  /** The second operator told another number than the first. */
  | "other-number";

export type ActJudgement = "new" | "already" | ActRefusal;

/** The acts of one draw as a chain, and what they say of its number. */
export class DrawActs {
  readonly #plan: DrawPlan;
  readonly #list: Act[] = [];
  #head: Buffer = FIRST_HEAD;
  #winningNumber: number | undefined;
  #proposal: { readonly number: number; readonly by: string } | undefined;
  #released: boolean;

  constructor(plan: DrawPlan) {
    this.#plan = plan;
    this.#winningNumber = plan.winningNumber;
    this.#released = plan.byOperator !== true;
  }

  get list(): readonly Act[] {
    return this.#list;
  }

  /** How many there are, and the head of their chain. */
  get summary(): SealedActs {
    return { count: this.#list.length, head: this.#head };
  }

  /** Undefined while nobody knows it. */
  get winningNumber(): number | undefined {
    return this.#winningNumber;
  }

  /** Whether no operator holds the draw back any more. */
  get released(): boolean {
    return this.#released;
  }

  /** The number and the head that the act has as the next one: the chain of batches, with no bets. */
  next(act: Act): { readonly sequence: number; readonly head: Buffer } {
    const sequence = this.#list.length + 1;
    return { sequence, head: nextHead(this.#head, sequence, 0, encodeAct(act)) };
  }

  /** @param head as {@link next} gave it */
  add(act: Act, head: Uint8Array): void {
    this.#list.push(act);
    this.#head = Buffer.from(head);
    const { deed, by } = act;
    if (deed.kind === "propose-number") this.#proposal = { number: deed.number, by };
    if (deed.kind === "tell-number") this.#winningNumber = deed.number;
    if (deed.kind === "run") this.#released = true;
  }

  /** Judges a number that an operator tells after the seal. */
  judgeNumber(kind: "propose-number" | "tell-number", number: number, by: string): ActJudgement {
    if (this.#winningNumber !== undefined) {
      return this.#winningNumber === number ? "already" : "number-known";
    }
    const proposal = this.#proposal;
    if (kind === "propose-number") {
      return proposal?.number === number && proposal.by === by ? "already" : "new";
    }
    if (this.#plan.secondOperator !== true) return "new";
    if (proposal === undefined) return "not-proposed";
    if (proposal.by === by) return "same-operator";
    return proposal.number === number ? "new" : "other-number";
  }

  /** Judges that an operator lets the draw go on. */
  judgeRun(): ActJudgement {
    if (this.#winningNumber === undefined) return "number-unknown";
    return this.#released ? "already" : "new";
  }
}
