/** The parts of a bet that a flaw can be in; `line` when the bet cannot be cut into fields. */
export type FlawField =
  | "line"
  | "agency"
  | "firstName"
  | "lastName"
  | "document"
  | "birthdate"
  | "number";

/** Why a bet is refused. Reasons are constant texts: they never contain what a peer sent. */
export interface Flaw {
  readonly field: FlawField;
  readonly reason: string;
}

/** A flaw in a batch, and which bet has it, counted from 0. */
export interface BatchFlaw extends Flaw {
  readonly index: number;
}

/** All reasons in one place: the scanner over bytes and the check of objects must give the same ones. */
export const FLAWS = {
  columns: { field: "line", reason: "is not agency,first,last,document,birthdate,number" },
  lineEnd: { field: "line", reason: "does not end in CR LF" },
  missing: { field: "line", reason: "is missing: the batch has fewer bets than it announces" },
  surplus: { field: "line", reason: "is one too many: the batch announces fewer bets" },
  agencyForm: { field: "agency", reason: "is not a number from 1 to 4294967295" },
  agencyOther: { field: "agency", reason: "is another agency's number" },
  firstNameEmpty: { field: "firstName", reason: "is empty" },
  firstNameLong: { field: "firstName", reason: "is longer than 255 bytes" },
  firstNameControl: { field: "firstName", reason: "has a control character" },
  firstNameEncoding: { field: "firstName", reason: "is not valid Unicode" },
  firstNameQuotes: { field: "firstName", reason: "is not quoted as CSV asks" },
  lastNameLong: { field: "lastName", reason: "is longer than 255 bytes" },
  lastNameControl: { field: "lastName", reason: "has a control character" },
  lastNameEncoding: { field: "lastName", reason: "is not valid Unicode" },
  lastNameQuotes: { field: "lastName", reason: "is not quoted as CSV asks" },
  documentForm: { field: "document", reason: "is not 1 to 10 digits" },
  documentLarge: { field: "document", reason: "is larger than 4294967295" },
  birthdateForm: { field: "birthdate", reason: "is not a date YYYY-MM-DD" },
  birthdateUnreal: { field: "birthdate", reason: "is not a day of the calendar" },
  birthdateFuture: { field: "birthdate", reason: "is in the future" },
  numberForm: { field: "number", reason: "is not a number from 0 to 9999" },
} as const satisfies Record<string, Flaw>;
