/** How often each thing was seen. */
export type Tally = Map<string, number>;

export function count(tally: Tally, name: string, times = 1): void {
  tally.set(name, (tally.get(name) ?? 0) + times);
}

/** One line, by name. */
export function tell(tally: Tally): string {
  const sorted = [...tally].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, times]) => `${name} ${times}`).join("; ");
}
