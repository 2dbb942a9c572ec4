import { BetLineWriter } from "../../../../src/protocols/kit/line-writer.ts";

const KEYS = ["agency", "nombre", "apellido", "dni", "nacimiento", "numero"];

/** What Python's `str.strip()` takes from both ends of a text. */
const SPACES =
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008" +
  "\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/**
 * The lines of a payload, made as the course's central reads it: with strings, split and stripped.
 * A part that it cannot read is a line `?`.
 */
export function naiveLines(payload: string, split: boolean): string {
  const parts = split ? payload.split("|") : [payload];
  return parts.map((part) => lineOf(naivePairs(part))).join("");
}

function naivePairs(part: string): Map<string, string> | undefined {
  const pairs = strip(part, "{}\n ").split(",");
  if (pairs.some((pair) => !pair.includes(":"))) return undefined;
  return new Map(
    pairs.map((pair) => {
      const colon = pair.indexOf(":");
      return [strip(pair.slice(0, colon), SPACES), strip(pair.slice(colon + 1), SPACES)];
    }),
  );
}

function lineOf(pairs: Map<string, string> | undefined): string {
  const values = KEYS.map((key) => pairs?.get(key));
  if (values.includes(undefined)) return "?\r\n";
  const [agency, first, last, document, birthdate, number] = values.map((value = "") => {
    const bytes = Buffer.from(value);
    return [bytes, 0, bytes.length] as const;
  });
  if (!agency || !first || !last || !document || !birthdate || !number) throw new RangeError();
  const writer = new BetLineWriter();
  writer
    .number(...agency)
    .name(...first)
    .name(...last)
    .document(...document)
    .birthdate(...birthdate)
    .number(...number)
    .endLine();
  return writer.lines.toString();
}

function strip(text: string, nothing: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && nothing.includes(text.charAt(start))) start++;
  while (end > start && nothing.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
