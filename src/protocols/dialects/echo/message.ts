/** The beginning of a line of the exercise's own clients. */
export const ECHO_PREFIX = "[CLIENT ";

/** The line that the exercise's client sends, without its LF. */
export function echoMessage(clientId: string, number: number): string {
  return `${ECHO_PREFIX}${clientId}] Message N°${number}`;
}

/** A line as the exercise logs it: without the white space at its end. */
export function messageText(line: Uint8Array): string {
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8").trimEnd();
}
