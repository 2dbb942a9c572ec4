/**
 * Recognises text with 16 or 32 bits per character by its first bytes: by a byte order mark, or by zeros,
 * which a CSV file of bets does not have.
 */
export function wideEncoding(head: Uint8Array): "UTF-16" | "UTF-32" | undefined {
  const [a = -1, b = -1, c = -1, d = -1] = head;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? "UTF-32" : "UTF-16";
  if (a === 0xfe && b === 0xff) return "UTF-16";
  if (a === 0 && b === 0) return c === 0xfe && d === 0xff ? "UTF-32" : undefined;
  const zerosBehind = a > 0 && b === 0 && c > 0 && d === 0;
  const zerosBefore = a === 0 && b > 0 && c === 0 && d > 0;
  return zerosBehind || zerosBefore ? "UTF-16" : undefined;
}
