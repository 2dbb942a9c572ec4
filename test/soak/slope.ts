/** How something grows, by least squares. */
export interface Slope {
  readonly perMinute: number;
  /**
   * The error of the slope if all points vary independently. Memory goes up and down in waves, so
   * the true error is larger.
   */
  readonly standardError: number;
}

export interface Point {
  readonly minutes: number;
  readonly value: number;
}

/** @returns undefined for fewer than three points, which always lie on a line */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const count = points.length;
  if (count < 3) return undefined;
  const meanX = points.reduce((sum, { minutes }) => sum + minutes, 0) / count;
  const meanY = points.reduce((sum, { value }) => sum + value, 0) / count;
  let xx = 0;
  let xy = 0;
  for (const { minutes, value } of points) {
    xx += (minutes - meanX) ** 2;
    xy += (minutes - meanX) * (value - meanY);
  }
  const perMinute = xy / xx;
  const strays = points.reduce((sum, { minutes, value }) => {
    return sum + (value - meanY - perMinute * (minutes - meanX)) ** 2;
  }, 0);
  return { perMinute, standardError: Math.sqrt(strays / (count - 2) / xx) };
}
