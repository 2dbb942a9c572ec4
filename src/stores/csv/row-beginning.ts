import { agencyId } from "../../lottery/bet.ts";
import { LAST_DAY } from "../../lottery/calendar-day.ts";
import { scanLines } from "../../lottery/scan-lines.ts";

const REST_OF_DATE = ["0001-01-01", "2000-12-30"].flatMap((day) =>
  Array.from({ length: 11 }, (_, at) => `${day.slice(at)},1\r\n`),
);
/** What may be missing of a character, of a name that is quoted because of a comma, of a quote. */
const REST_OF_CHARACTER = [
  [],
  ...[0x80, 0xbf].flatMap((byte) => [[byte], [byte, byte], [byte, byte, byte]]),
];
const REST_OF_NAME = ["", "A", '"', ',"', '""'];

/** Ends for every place where a row can break off: one of them makes it whole. */
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

/** No canonical row is longer: two names of 255 bytes, every one of them doubled by quotes. */
const ROW_BYTES_MAX = 1100;

/**
 * Whether bytes are what a canonical row begins with, of one of the draw's agencies: then they may be
 * left of a row that was being written. A row that only lacks its line end is such a beginning too.
 */
export function isRowBeginning(bytes: Uint8Array, agencies: number): boolean {
  if (bytes.length > ROW_BYTES_MAX) return false;
  const [digits = ""] = /^\d*/.exec(Buffer.from(bytes.subarray(0, 11)).toString("latin1")) ?? [];
  const agency = agencyId(Number(digits));
  if (agency === undefined || agency > agencies) return false;
  return ENDS.some(
    (end) => scanLines(Buffer.concat([bytes, end]), agency, 1, LAST_DAY) === undefined,
  );
}
