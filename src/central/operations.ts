import { type Act, BY_BYTES_MAX, type Deed, REASON_BYTES_MAX, wordFlaw } from "../lottery/act.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DrawState } from "../lottery/draw-book.ts";
import type { DrawPlan } from "../lottery/draw-plan.ts";
import type { Standing } from "../lottery/standing.ts";
import type { DrawDesk } from "./draw-desk.ts";
import type { DrawRegister, OpenVerdict } from "./draw-register.ts";

/** A draw as operators see it. Nothing of it tells winners before the draw. */
export interface DrawReport {
  readonly plan: DrawPlan;
  readonly state: DrawState | "scheduled";
  /** Whether peers that name no draw mean this one. */
  readonly current: boolean;
  /** When the timetable opens it, in milliseconds since 1970. */
  readonly opensAtMs: number | undefined;
  readonly agencies: number;
  readonly done: number;
  readonly closedOut: number;
  readonly connected: number;
  readonly bets: number;
  readonly batches: number;
  /** Agencies for which the draw waits: the first of them, and how many more. */
  readonly missing: { readonly first: readonly number[]; readonly more: number };
  /** The number, once the draw is drawn or an operator has told it. */
  readonly winningNumber: number | undefined;
  readonly acts: readonly Act[];
}

/** An agency of a draw as operators see it. */
export interface AgencyReport {
  readonly agency: number;
  readonly name: string | undefined;
  readonly bets: number;
  readonly batches: number;
  /** Chain head, hexadecimal. */
  readonly head: string;
  readonly done: boolean;
  readonly closedOut: boolean;
  readonly connections: number;
  /** In milliseconds since 1970; undefined when this central has not seen it. */
  readonly lastSeenMs: number | undefined;
}

/** Who asks for an act, and why. */
export interface Operator {
  readonly by: string;
  readonly reason: string;
}

export type OperatorFlaw = { readonly field: "operator" | "reason"; readonly flaw: string };

/** What operators can see and do in a central. */
export interface Operations {
  /** The draw that peers mean who name none. */
  readonly current: string | undefined;
  /** The draws as the central took them, then those that are scheduled. @throws StoreError */
  draws(): Promise<DrawReport[]>;
  /** @returns undefined when the central has no such draw @throws StoreError */
  draw(name: string): Promise<DrawReport | undefined>;
  /**
   * The agencies of a draw by ascending number.
   *
   * @param after only those above this number
   * @returns undefined when the central has no such draw that is open or over
   */
  agencies(name: string, after: number, max: number): Promise<AgencyReport[] | undefined>;
  /** @returns undefined when there is no such draw, or no such agency in it */
  agency(name: string, agency: number): Promise<AgencyReport | undefined>;
  /** @throws StoreError; RangeError when the central is stopping, or the operator's words have a flaw */
  open(plan: DrawPlan, operator: Operator): Promise<OpenVerdict>;
  /**
   * Does something to a draw. A scheduled one can only be cancelled.
   *
   * @returns undefined when the central has no such draw
   * @throws StoreError; RangeError when the operator's words have a flaw
   */
  act(name: string, deed: Deed, operator: Operator): Promise<OpenVerdict | undefined>;
  /** Ends the connections of an agency. @returns how many there were; undefined as for {@link agency} */
  disconnect(name: string, agency: number, by: string): number | undefined;
}

/** {@link Operations} over the register of draws. */
export class RegisterOperations implements Operations {
  readonly #draws: DrawRegister;

  constructor(draws: DrawRegister) {
    this.#draws = draws;
  }

  async draws(): Promise<DrawReport[]> {
    const { current } = this.#draws;
    const scheduled = this.#draws
      .scheduled()
      .map(({ plan, opensAtMs }) => planned(plan, opensAtMs));
    const held = await Promise.all(this.#draws.all().map((desk) => drawReport(desk, current)));
    return [...held, ...scheduled];
  }

  async draw(name: string): Promise<DrawReport | undefined> {
    const desk = this.#draws.find(name);
    if (desk !== undefined) return drawReport(desk, this.#draws.current);
    const scheduled = this.#draws.scheduled().find(({ plan }) => plan.name === name);
    return scheduled && planned(scheduled.plan, scheduled.opensAtMs);
  }

  get current(): string | undefined {
    return this.#draws.current?.draw;
  }

  async agencies(name: string, after: number, max: number): Promise<AgencyReport[] | undefined> {
    const desk = this.#draws.find(name);
    if (desk === undefined) return undefined;
    const { store } = desk;
    const page: AgencyId[] = [];
    for (const agency of store.roster) {
      if (agency <= after) continue;
      if (page.length >= max) break;
      page.push(agency);
    }
    // Not those of all agencies: there may be ten times as many as on a page.
    return Promise.all(
      page.map(async (agency) => agencyReport(desk, agency, await store.standing(agency))),
    );
  }

  async agency(name: string, agency: number): Promise<AgencyReport | undefined> {
    const desk = this.#draws.find(name);
    if (desk === undefined || !desk.store.roster.has(agency)) return undefined;
    return agencyReport(desk, agency, await desk.store.standing(agency));
  }

  async open(plan: DrawPlan, { by, reason }: Operator): Promise<OpenVerdict> {
    expectSound({ by, reason });
    return this.#draws.open({ ...plan, openedBy: by }, { kind: "open" }, by, reason);
  }

  async act(name: string, deed: Deed, { by, reason }: Operator): Promise<OpenVerdict | undefined> {
    expectSound({ by, reason });
    const desk = this.#draws.find(name);
    if (desk !== undefined) return desk.act(deed, by, reason);
    const scheduled = this.#draws.scheduled().find(({ plan }) => plan.name === name);
    if (scheduled === undefined) return undefined;
    if (deed.kind !== "cancel") return { kind: "refused", why: "not-open-yet" };
    return this.#draws.open(scheduled.plan, deed, by, reason);
  }

  disconnect(name: string, agency: number, by: string): number | undefined {
    const desk = this.#draws.find(name);
    if (desk === undefined || !desk.store.roster.has(agency)) return undefined;
    const senders = desk.presence.of(agency);
    for (const sender of senders) sender.dismiss(`disconnected by ${by}`);
    return senders.length;
  }
}

/** @returns what is wrong with the name or the reason that an operator gives */
export function flawOf({ by, reason }: Operator): OperatorFlaw | undefined {
  const [name, why] = [nameFlaw(by), wordFlaw(reason, REASON_BYTES_MAX)];
  if (name !== undefined) return { field: "operator", flaw: name };
  return why === undefined ? undefined : { field: "reason", flaw: why };
}

/** An act with a flaw would be a record that no start can read. @throws RangeError */
function expectSound(operator: Operator): void {
  const flaw = flawOf(operator);
  if (flaw !== undefined) throw new RangeError(`Cannot act: ${flaw.field} ${flaw.flaw}`);
}

function nameFlaw(by: string): string | undefined {
  if (by === "") return "is empty";
  // The clock and the timetable have names in brackets.
  return by.startsWith("(") ? "begins with a bracket" : wordFlaw(by, BY_BYTES_MAX);
}

async function drawReport(desk: DrawDesk, current: DrawDesk | undefined): Promise<DrawReport> {
  const { store, turnout, presence } = desk;
  const { plan, roster } = store;
  const { bets, batches } = await store.totals();
  const acts = await store.acts();
  const state = await store.state();
  const told = acts.findLast(({ deed }) => deed.kind === "tell-number")?.deed;
  const number = state === "drawn" ? plan.winningNumber : undefined;
  return {
    plan,
    state,
    current: desk === current,
    opensAtMs: undefined,
    agencies: roster.size,
    done: turnout.done,
    closedOut: turnout.closedOut,
    connected: presence.agencies,
    bets,
    batches,
    missing: turnout.missing,
    winningNumber: told !== undefined && "number" in told ? told.number : number,
    acts,
  };
}

function planned(plan: DrawPlan, opensAtMs: number): DrawReport {
  return {
    plan,
    state: "scheduled",
    current: false,
    opensAtMs,
    agencies: typeof plan.agencies === "number" ? plan.agencies : plan.agencies.length,
    done: 0,
    closedOut: 0,
    connected: 0,
    bets: 0,
    batches: 0,
    missing: { first: [], more: 0 },
    winningNumber: undefined,
    acts: [],
  };
}

function agencyReport(
  { store, presence }: DrawDesk,
  agency: Parameters<typeof presence.of>[0],
  { bets, nextSequence, head, done, closedOut = false }: Standing,
): AgencyReport {
  return {
    agency,
    name: store.roster.nameOf(agency),
    bets,
    batches: nextSequence - 1,
    head: Buffer.from(head).toString("hex"),
    done,
    closedOut,
    connections: presence.of(agency).length,
    lastSeenMs: presence.lastSeenMs(agency),
  };
}
