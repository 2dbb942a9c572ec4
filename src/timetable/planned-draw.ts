/** The agencies that a draw waits for: 1 to this number, or those of a list. */
export type PlannedAgencies = number | readonly PlannedAgency[];

export interface PlannedAgency {
  readonly agency: number;
  readonly name: string;
}

/** One draw as the timetable has it. */
export interface PlannedDraw {
  /** The day of the timetable and the name of the entry: `2026-12-01-nocturna`. */
  readonly draw: string;
  /** The first instant of the draw. */
  readonly opensAtMs: number;
  /** The first instant after the draw. */
  readonly closesAtMs: number;
  readonly agencies: PlannedAgencies;
  /** The winning number; undefined when an operator tells it. */
  readonly number: number | undefined;
  /** Whether another operator must type the number again; never for a number that the timetable has. */
  readonly secondOperator: boolean;
  /** Whether the draw waits for an operator when it is sealed and its number is known. */
  readonly byOperator: boolean;
}
