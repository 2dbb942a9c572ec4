import { quoteField } from "../../src/lottery/canonical-line.ts";
import { WINNING_NUMBER } from "./central-host.ts";
import type { Chance } from "./chance.ts";
import { SIM_DIALERS } from "./dialers.ts";

/** One agency: its number, its dialect and its bets. */
export interface Part {
  readonly agency: number;
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
}

const NAMES = ["Ana", "Ñandú", "José María", "O'Higgins", "Zoë"] as const;
/** Used only if the dialect can carry them. */
const HARD_NAMES = ['Pérez, "Tito"', "", "Gómez; y otros"] as const;

/** At most five agencies with at most forty bets each: a run takes a tenth of a second. */
export function castOf(chance: Chance): Part[] {
  return Array.from({ length: chance.whole(2, 5) }, (_, index) => partOf(chance, index + 1));
}

function partOf(chance: Chance, agency: number): Part {
  const dialect = chance.hits(0.4) ? "native" : (chance.pick([...SIM_DIALERS.keys()]) ?? "native");
  const native = dialect === "native";
  const bets = native && chance.hits(0.03) ? 0 : chance.whole(5, 40);
  const flawedAt = native && chance.hits(0.1) ? chance.below(bets) : -1;
  const mark = `Marca${"ABCDEFGHI"[agency] ?? "Z"}`;
  const documents: string[] = [];
  const rows = Array.from({ length: bets }, (_, index) => {
    const document = String(agency * 10_000_000 + 1_000_000 + index * 977);
    documents.push(document);
    const hard = native && chance.hits(0.2);
    const last = hard ? (chance.pick(HARD_NAMES) ?? "") : "de la Peña";
    const wins = chance.hits(0.15);
    const number = wins ? WINNING_NUMBER : chance.below(WINNING_NUMBER);
    const shown = index === flawedAt ? 12_345 : number;
    return `${mark} ${chance.pick(NAMES) ?? ""},${quoteField(last)},${document},1999-12-31,${shown}\r\n`;
  });
  return {
    agency,
    dialect,
    // Small batches, so that flushes have many batches, and agencies send for a longer time.
    batchBets: chance.whole(1, chance.hits(0.5) ? 2 : 8),
    file: Buffer.from(rows.join("")),
    documents,
    flawed: flawedAt >= 0,
    markers: [mark, ...documents],
  };
}
