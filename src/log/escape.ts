/**
 * Escaping of what comes from outside, so that a line of the log is always one line and its parts
 * can always be told apart:
 *
 * - a backslash becomes `\\`
 * - `|` becomes `\u007c`
 * - control characters (C0, DEL, C1), line and paragraph separators, the characters that turn the
 *   direction of text, and halves of surrogate pairs become `\u` and four hexadecimal digits
 *
 * Everything else, accents and `N°1` included, stays as it is. {@link unescapeText} is the inverse.
 */
export function escapeText(text: string): string {
  if (!MAYBE_ESCAPED.test(text)) return text;
  return text.replaceAll(ESCAPED, (character) => (character === "\\" ? "\\\\" : code(character)));
}

/** @returns undefined when {@link escapeText} makes this of no text */
export function unescapeText(escaped: string): string | undefined {
  const text = decode(escaped);
  return escapeText(text) === escaped ? text : undefined;
}

/** Keys are harder: letters, digits and `_` stay, any other UTF-16 unit becomes `\u` and its code. */
export function escapeKey(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_]/g, code);
}

/** @returns undefined when {@link escapeKey} makes this of no key */
export function unescapeKey(escaped: string): string | undefined {
  const key = decode(escaped);
  return escapeKey(key) === escaped ? key : undefined;
}

/**
 * Escapes what JSON may hold as it is but line-minded readers stumble over. Only strings can hold
 * such characters, and there JSON reads the escape as the same character.
 */
export function escapeInvisible(json: string): string {
  return json.replaceAll(INVISIBLE, code);
}

const INVISIBLE_SET = "\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069";
const ESCAPED_SET = `[\\\\|\\u0000-\\u001f${INVISIBLE_SET}\\ud800-\\udfff]`;

const INVISIBLE = new RegExp(`[${INVISIBLE_SET}]`, "g");
/** A cheap first look: without the `u` flag whole surrogate pairs match too. */
const MAYBE_ESCAPED = new RegExp(ESCAPED_SET);
/** With it a surrogate matches only where its other half is missing. */
const ESCAPED = new RegExp(ESCAPED_SET, "gu");

function code(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function decode(escaped: string): string {
  return escaped.replaceAll(/\\(?:\\|u([0-9a-f]{4}))/g, (_, hex: string | undefined) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
