/** `{ port: 1, json: true, bets: undefined }` as `--port 1 --json`. */
export function longOptions(
  options: Readonly<Record<string, string | number | true | undefined>>,
): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });
}
