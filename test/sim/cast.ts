import { quoteField } from "../../src/lottery/canonical-line.ts";
import type { DrawPlan } from "../../src/lottery/draw-plan.ts";
import type { Timetable } from "../../src/timetable/timetable.ts";
import type { Chance } from "./chance.ts";
import { SIM_DIALERS } from "./dialers.ts";

export const DRAW = "1";
export const WINNING_NUMBER = 7574;

/** One agency in one draw: its number, its dialect and its bets. */
export interface Part {
  readonly agency: number;
  /** The draw that it takes part in; undefined: the one that is the current one when it comes. */
  readonly draw: string | undefined;
  readonly dialect: string;
  readonly batchBets: number;
  /** Its file. */
  readonly file: Buffer;
  /** Documents of its bets, in order; batches are ordered by them. */
  readonly documents: readonly string[];
  /** Whether it has an invalid row, which the central has to refuse. */
  readonly flawed: boolean;
  /** Text that is in no other agency's bets. */
  readonly markers: readonly string[];
  /** When it is started the first time [within three seconds]. */
  readonly startsAtMs?: number | undefined;
  /** When it is killed, and comes no more [never]. */
  readonly leavesAtMs?: number | undefined;
}

/** How a draw ends in a simulation. */
export type Ending = "all-done" | "clock" | "close" | "close-out" | "cancel";

/** A draw, and what operators do to it. */
export interface DrawScript {
  readonly plan: DrawPlan & { readonly agencies: number };
  /** The number that it will have, also when it is told. */
  readonly number: number;
  readonly opened: "told" | "operator" | "timetable";
  readonly opensAtMs: number;
  readonly ending: Ending;
  readonly endsAtMs: number;
}

/** Everything that a world has from its beginning. */
export interface Cast {
  /** The first one may be the one with which the central is started. */
  readonly draws: readonly DrawScript[];
  readonly parts: readonly Part[];
  readonly timetable: Timetable | undefined;
  /** By how much the central's clock is not the one of the logs. */
  readonly clockOffsetMs: number;
}

/** The draw with which every central is started. */
export function toldDraw({ draws }: Cast): DrawScript | undefined {
  return draws.find(({ opened }) => opened === "told");
}

const NAMES = ["Ana", "Ñandú", "José María", "O'Higgins", "Zoë"] as const;
/** Used only if the dialect can carry them. */
const HARD_NAMES = ['Pérez, "Tito"', "", "Gómez; y otros"] as const;

/** One draw of at most five agencies with at most forty bets each: a run takes a tenth of a second. */
export function castOfOne(chance: Chance): Cast {
  const parts = Array.from({ length: chance.whole(2, 5) }, (_, index) => partOf(chance, index + 1));
  const plan = { name: DRAW, winningNumber: WINNING_NUMBER, agencies: parts.length };
  const number = WINNING_NUMBER;
  return {
    draws: [
      { plan, number, opened: "told", opensAtMs: 0, ending: "all-done", endsAtMs: Number.NaN },
    ],
    parts,
    timetable: undefined,
    clockOffsetMs: 0,
  };
}

function partOf(chance: Chance, agency: number): Part {
  return makePart(chance, agency, someDialect(chance), { numbers: [WINNING_NUMBER] });
}

export function someDialect(chance: Chance): string {
  return chance.hits(0.4) ? "native" : (chance.pick([...SIM_DIALERS.keys()]) ?? "native");
}

export interface PartOptions extends Pick<Part, "startsAtMs" | "leavesAtMs"> {
  /** Numbers that win, in one draw or another. */
  readonly numbers: readonly number[];
  readonly draw?: string;
  /** Where its documents begin, in millions: other bets of the same agency have others [1] */
  readonly millions?: number;
}

export function makePart(
  chance: Chance,
  agency: number,
  dialect: string,
  { numbers, draw, millions = 1, startsAtMs, leavesAtMs }: PartOptions,
): Part {
  const native = dialect === "native";
  const bets = native && chance.hits(0.03) ? 0 : chance.whole(5, 40);
  const flawedAt = native && chance.hits(0.1) ? chance.below(bets) : -1;
  const mark = `Marca${"ABCDEFGHI"[agency] ?? "Z"}`;
  const documents: string[] = [];
  const rows = Array.from({ length: bets }, (_, index) => {
    const document = String(agency * 10_000_000 + millions * 1_000_000 + index * 977);
    documents.push(document);
    const hard = native && chance.hits(0.2);
    const last = hard ? (chance.pick(HARD_NAMES) ?? "") : "de la Peña";
    const wins = chance.hits(0.15);
    const number = wins ? oneOf(chance, numbers) : chance.below(WINNING_NUMBER);
    const shown = index === flawedAt ? 12_345 : number;
    return `${mark} ${chance.pick(NAMES) ?? ""},${quoteField(last)},${document},1999-12-31,${shown}\r\n`;
  });
  return {
    agency,
    draw,
    dialect,
    // Small batches, so that flushes have many batches, and agencies send for a longer time.
    batchBets: chance.whole(1, chance.hits(0.5) ? 2 : 8),
    file: Buffer.from(rows.join("")),
    documents,
    flawed: flawedAt >= 0,
    markers: [mark, ...documents],
    startsAtMs,
    leavesAtMs,
  };
}

function oneOf(chance: Chance, numbers: readonly number[]): number {
  const [only = WINNING_NUMBER] = numbers;
  return numbers.length > 1 ? (chance.pick(numbers) ?? only) : only;
}
