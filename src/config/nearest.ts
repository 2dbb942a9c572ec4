/**
 * The name that was most likely meant: the one with the fewest letters added, left out, changed or swapped.
 *
 * @returns undefined when no name is close
 */
export function nearest(text: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(text.length / 4)) + 1;
  for (const name of names) {
    const far = distance(text.toLowerCase(), name.toLowerCase());
    if (far < least) [best, least] = [name, far];
  }
  return best;
}

/** The message about a name that is not known: the name that was most likely meant, or all names. */
export function unknownName(name: string, what: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined
    ? `${name}: unknown ${what}; allowed: ${known.join(", ")}`
    : `${name}: unknown ${what}; did you mean ${meant}?`;
}

/** Number of edits between two texts; a swap of neighbours counts as one (optimal string alignment). */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      next.push(
        Math.min(
          at(last, column) + 1,
          at(next, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, next];
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
