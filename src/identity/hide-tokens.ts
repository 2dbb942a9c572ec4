/** How every token begins. */
export const TOKEN_PREFIX = "qnl_";

/**
 * A text from outside without the tokens in it, for a message. Somebody who puts a token into the wrong place
 * must not find it in a log afterwards.
 */
export function hideTokens(text: string): string {
  return text.replaceAll(/qnl_[\w-]+/gi, `${TOKEN_PREFIX}…`);
}
