import type { Duplex } from "node:stream";

/** A longer answer counts as no answer. */
const ANSWER_BYTES_MAX = 8192;
const LF = 0x0a;

/**
 * Writes one line and reads one line. In any case the connection stays open, and the caller closes it.
 *
 * @param line without its line end
 * @returns the answer without its line end
 */
export function exchangeLine(
  connection: Duplex,
  line: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      const end = chunk.indexOf(LF);
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      bytes += chunk.length;
      if (end >= 0) settle(() => resolve(Buffer.concat(chunks).toString().replace(/\r$/, "")));
      else if (bytes > ANSWER_BYTES_MAX) fail(`no line end within ${ANSWER_BYTES_MAX} bytes`);
    };
    const fail = (reason: string): void => settle(() => reject(new Error(reason)));
    const onEnd = (): void => fail("the connection ended before a whole line came");
    const onError = (error: Error): void => fail(error.message);
    const onAbort = (): void => settle(() => reject(signal.reason));
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const settle = (conclude: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      connection.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onError);
      // Ignore later errors of the connection: without a listener they would end the process.
      connection.on("error", () => undefined);
      conclude();
    };
    signal.addEventListener("abort", onAbort);
    connection.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onError);
    connection.write(`${line}\n`);
  });
}
