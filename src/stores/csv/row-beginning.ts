import { LINE_BYTES_MAX } from "../../limits.ts";
import { agencyId } from "../../lottery/bet.ts";
import { LAST_DAY } from "../../lottery/calendar-day.ts";
import { scanLines } from "../../lottery/scan-lines.ts";

const REST_OF_DATE = ["0001-01-01", "2000-12-30"].flatMap((day) =>
  Array.from({ length: 11 }, (_, at) => `${day.slice(at)},1\r\n`),
);
/** The bytes that may be missing of a character. */
const REST_OF_CHARACTER = [
  [],
  ...[0x80, 0xbf].flatMap((byte) => [[byte], [byte, byte], [byte, byte, byte]]),
];
/** The text that may be missing of a name: nothing, a letter, or the end of a quoted name. */
const REST_OF_NAME = ["", "A", '"', ',"', '""'];

/** Endings for every place where a row can be cut off: one of them makes it a whole row. */
const ENDS: readonly Buffer[] = [
  "\n",
  "\r\n",
  "1\r\n",
  ",2000-01-01,1\r\n",
  "1,2000-01-01,1\r\n",
  ",A,,1,2000-01-01,1\r\n",
  ...REST_OF_DATE,
]
  .map((end) => Buffer.from(end))
  .concat(
    REST_OF_CHARACTER.flatMap((bytes) =>
      REST_OF_NAME.flatMap((name) =>
        [",1,2000-01-01,1\r\n", ",,1,2000-01-01,1\r\n"].map((end) =>
          Buffer.concat([Buffer.from(bytes), Buffer.from(name + end)]),
        ),
      ),
    ),
  );

/**
 * Whether a canonical row of one of the draw's agencies can begin with these bytes: then they may be left of
 * a row whose write was interrupted. A row that only lacks its line end counts too.
 */
export function isRowBeginning(bytes: Uint8Array, agencies: number): boolean {
  if (bytes.length > LINE_BYTES_MAX) return false;
  const [digits = ""] = /^\d*/.exec(Buffer.from(bytes.subarray(0, 11)).toString("latin1")) ?? [];
  const agency = agencyId(Number(digits));
  if (agency === undefined || agency > agencies) return false;
  return ENDS.some(
    (end) => scanLines(Buffer.concat([bytes, end]), agency, 1, LAST_DAY) === undefined,
  );
}
