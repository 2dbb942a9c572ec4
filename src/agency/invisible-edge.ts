/**
 * Matches a character that is invisible at the edge of a text: white space, and characters that Unicode
 * draws as nothing. Variation selectors do not count: they choose how the character before them looks.
 */
const FIRST = /^(?!\p{Variation_Selector})[\p{White_Space}\p{Default_Ignorable_Code_Point}]/u;
const LAST = /(?!\p{Variation_Selector})[\p{White_Space}\p{Default_Ignorable_Code_Point}]$/u;

const NAMES: Readonly<Record<string, string>> = {
  "\t": "tab",
  "\n": "line feed",
  "\r": "carriage return",
  " ": "space",
  "\u00a0": "no-break space",
  "\u00ad": "soft hyphen",
  "\u200b": "zero width space",
  "\u200c": "zero width non-joiner",
  "\u200d": "zero width joiner",
  "\u200e": "left-to-right mark",
  "\u200f": "right-to-left mark",
  "\u202f": "narrow no-break space",
  "\u2060": "word joiner",
  "\u3000": "ideographic space",
  "\ufeff": "byte order mark",
};

/** @returns what is wrong with a text that begins or ends with an invisible character */
export function invisibleEdge(text: string): string | undefined {
  const first = FIRST.exec(text)?.[0];
  if (first !== undefined) return `begins with ${nameOf(first)}`;
  const last = LAST.exec(text)?.[0];
  return last === undefined ? undefined : `ends with ${nameOf(last)}`;
}

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code} (${NAMES[character] ?? "an invisible character"})`;
}
