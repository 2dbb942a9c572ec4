/** `26936` as `26,936`. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1234` milliseconds as `1.23 s`. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
