/** The content of a log line with an action, as the exercise's graders read it. */
export interface ActionLine {
  readonly source: string;
  readonly action: string;
  readonly result: string;
  readonly details: Readonly<Record<string, string>>;
  /** From `action:` to the end of the line. */
  readonly message: string;
}

const RESULTS = ["success", "fail", "in_progress"];

/**
 * Reads a line as the exercise's public graders do: split at every `|`, the value after the last
 * colon. It does not use the program's own parser, because the graders do not either.
 *
 * @returns undefined for a line without an action
 * @throws Error if the graders would fail or misread the line
 */
export function parseActionLine(source: string, text: string): ActionLine | undefined {
  const start = text.indexOf("action:");
  if (start < 0) return undefined;
  const [actionPart = "", resultPart = "", ...detailParts] = text.split("|");
  const action = afterLastColon(actionPart);
  const result = afterLastColon(resultPart);
  if (!RESULTS.includes(result)) throw new Error(`No result in the line: ${text}`);
  // The graders take a line with the action "exit" for the end of the container.
  if (action === "exit") throw new Error(`A line that looks like a container's end: ${text}`);

  const details: Record<string, string> = {};
  for (const part of detailParts) {
    const colon = part.indexOf(": ");
    if (colon < 0) throw new Error(`A detail without a value in the line: ${text}`);
    const name = part.slice(0, colon).trim();
    if (["source", "action", "result"].includes(name)) {
      throw new Error(`A detail that hides the line's ${name}: ${text}`);
    }
    details[name] = part.slice(colon + 2).trim();
  }
  return { source, action, result, details, message: text.slice(start) };
}

function afterLastColon(part: string): string {
  return part.slice(part.lastIndexOf(":") + 1).trim();
}

const STAMP = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
/** Python's `%(asctime)s %(levelname)-8s %(message)s`. */
const SERVER_LINE = new RegExp(`^${STAMP} (DEBUG   |INFO    |WARNING |ERROR   |CRITICAL) action: `);
/** Go's `%{time} %{level:.5s}     %{message}`. */
const CLIENT_LINE = new RegExp(`^${STAMP} (DEBUG|INFO|WARNI|ERROR|CRITI) {5}action: `);

/** Whether a whole line has the form that its program's lines must have. */
export function isWellFormed(source: string, text: string): boolean {
  return (source === "server" ? SERVER_LINE : CLIENT_LINE).test(text);
}
