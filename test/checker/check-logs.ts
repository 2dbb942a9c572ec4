import type { Evidence } from "./evidence.ts";
import type { Recount } from "./recount.ts";
import type { Report } from "./violation.ts";

/** Every line has its form, and the draw was logged: once, or more often if crashes allow it. */
export function checkLogs(evidence: Evidence, recount: Recount, report: Report): void {
  const { centralLog, agencyLog } = evidence;
  checkGrammar("central", centralLog, report);
  checkGrammar("agency", agencyLog, report);
  checkDraws(evidence, recount, report);

  const told = agencyLog.filter((line) => TOLD.test(line));
  const drawn = centralLog.find(isDraw);
  if (told.length > 0 && recount.draws === 0) {
    report("early", `an agency tells of winners, and no draw is stored: ${told[0]}`);
  } else if (drawn !== undefined) {
    // Both logs have the time of one machine, in whole seconds.
    const before = told.find((line) => line.slice(0, STAMP_LENGTH) < drawn.slice(0, STAMP_LENGTH));
    if (before !== undefined) report("early", `winners before the draw (${drawn}): ${before}`);
  }
}

const STAMP = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}";
const STAMP_LENGTH = "2024-08-21 22:11:15".length;

/** No separator, no control character, no end of a line; an escape begins with a backslash. */
const VALUE = "(?:[^|\\\\\\p{Cc}\\u2028\\u2029]|\\\\\\\\|\\\\u[0-9a-f]{4})*";
const KEY = "(?:[A-Za-z0-9_]|\\\\u[0-9a-f]{4})+";
const MESSAGE = `action: ${VALUE} \\| result: (?:success|fail|in_progress)(?: \\| ${KEY}: ${VALUE})*`;

/** Python's `%(asctime)s %(levelname)-8s %(message)s`; Go's `%{time} %{level:.5s}     %{message}`. */
const LINES = {
  central: new RegExp(
    `^${STAMP} (?:DEBUG   |INFO    |WARNING |ERROR   |CRITICAL) (${MESSAGE})$`,
    "u",
  ),
  agency: new RegExp(`^${STAMP} (?:DEBUG|INFO|WARNI|ERROR|CRITI)     (${MESSAGE})$`, "u"),
} as const;

/** The lines that the exercise mandates, word for word: these actions may have no other lines. */
const MANDATED: Readonly<Record<string, RegExp>> = {
  sorteo: /^action: sorteo \| result: success(?: \| recovered: true)?$/,
  apuesta_recibida: /^action: apuesta_recibida \| result: (?:success|fail) \| cantidad: [0-9]+$/,
  apuesta_almacenada:
    /^action: apuesta_almacenada \| result: success \| dni: [0-9]+ \| numero: [0-9]+$/,
  apuesta_enviada:
    /^action: apuesta_enviada \| result: (?:success \| dni: [0-9]+ \| numero: [0-9]+|fail.*)$/,
  consulta_ganadores:
    /^action: consulta_ganadores \| result: (?:success \| cant_ganadores: [0-9]+|fail.*)$/,
};

const TOLD = / action: consulta_ganadores \| result: success /;

function checkGrammar(side: keyof typeof LINES, lines: readonly string[], report: Report): void {
  for (const line of lines) {
    const message = LINES[side].exec(line)?.[1];
    if (message === undefined) {
      report("log", `no line of the ${side}'s log: ${JSON.stringify(line)}`);
      continue;
    }
    const action = message.slice("action: ".length).split(" | ")[0] ?? "";
    const mandated = Object.hasOwn(MANDATED, action) ? MANDATED[action] : undefined;
    if (mandated?.test(message) === false) {
      report("log", `not as the exercise mandates: ${JSON.stringify(line)}`);
    }
  }
}

const DRAWN = " action: sorteo | result: success";
const DRAWN_BEFORE = `${DRAWN} | recovered: true`;

function isDraw(line: string): boolean {
  return line.endsWith(DRAWN) || line.endsWith(DRAWN_BEFORE);
}

function checkDraws(
  { centralLog, drawMayBeToldAgain, over }: Evidence,
  { draws, told }: Recount,
  report: Report,
): void {
  const first = centralLog.filter((line) => line.endsWith(DRAWN)).length;
  const again = centralLog.filter((line) => line.endsWith(DRAWN_BEFORE)).length;
  const lines = first + again;
  if (draws > 1) report("draws", `the ledger has ${draws} draws`);
  if (draws === 0 && over) report("draws", "the draw is over, and the ledger has none");
  if (first > 1) report("draws", `the log tells of ${first} draws`);
  if (again > 0 && !drawMayBeToldAgain) {
    report("draws", "the log tells of the draw again, and no crash made that necessary");
  }
  if (lines > 0 && draws === 0) report("draws", "the log tells of a draw that is not stored");
  if (lines === 0 && told > 0) {
    report("draws", "the ledger says that the draw was told of, and the log does not tell of it");
  } else if (lines === 0 && draws > 0 && (over || !drawMayBeToldAgain)) {
    report("draws", "the ledger has a draw that the log does not tell of");
  }
}
