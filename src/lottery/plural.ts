/** A number and what it counts, in words: `1 bet`, `2 bets`, `1 batch`, `0 batches`, `3 agencies`. */
export function plural(
  count: number,
  noun: string,
  format: (count: number) => string = String,
): string {
  return `${format(count)} ${count === 1 ? noun : severalOf(noun)}`;
}

function severalOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
