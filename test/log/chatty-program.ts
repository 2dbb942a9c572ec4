// A program that logs what its parent asks for; run by line-writer.test.ts. Arguments: the file of
// the log ("-" for standard output) and how many bytes may wait.
import { openSync } from "node:fs";
import { createLogger } from "../../src/log/create-logger.ts";
import { batchReceived } from "../../src/log/mandated-lines.ts";

export type Ending = "close" | "exit" | "throw" | "disconnect";

/** What the parent may ask for. The answer is the number of lines so far. */
export type Wish =
  | { readonly kind: "log"; readonly lines: number }
  /** The same, but each line is that of a stored batch. */
  | { readonly kind: "owe"; readonly lines: number }
  | { readonly kind: "end"; readonly how: Ending }
  /** Log some more, flush, and be killed at once. */
  | { readonly kind: "flush"; readonly lines: number }
  /** Log some more, say whether it is written, and then be killed. */
  | { readonly kind: "written"; readonly lines: number; readonly kill: boolean };

const [, , file = "-", waitingBytesMax = "16777216"] = process.argv;

const logger = createLogger({
  side: "central",
  level: "info",
  format: "text",
  fd: file === "-" ? 1 : openSync(file, "a"),
  waitingBytesMax: Number(waitingBytesMax),
});

let logged = 0;
process.on("message", (wish: Wish) => {
  switch (wish.kind) {
    case "log":
      chat(wish.lines);
      // This is a turn of the event loop later: the lines have been passed on, and the loop still
      // runs.
      setImmediate(() => setImmediate(() => process.send?.(logged)));
      return;
    case "owe":
      owe(wish.lines);
      setImmediate(() => setImmediate(() => process.send?.(logged)));
      return;
    case "end":
      end(wish.how);
      return;
    case "flush":
      chat(wish.lines);
      logger.flush();
      process.kill(process.pid, "SIGKILL");
      return;
    case "written":
      chat(wish.lines);
      void tellWritten(wish.kill);
  }
});

async function tellWritten(kill: boolean): Promise<void> {
  process.send?.(await logger.written());
  if (kill) process.kill(process.pid, "SIGKILL");
}

function chat(lines: number): void {
  for (let line = 0; line < lines; line++) {
    logger.log("info", { action: "chat", result: "success", line: logged++, note: "N°".repeat(9) });
  }
}

function owe(lines: number): void {
  for (let line = 0; line < lines; line++) logger.log("info", batchReceived("success", logged++));
}

function end(how: Ending): void {
  switch (how) {
    case "close":
      void logger.close().then(() => process.exit(0));
      return;
    case "exit":
      process.exit(0);
      return;
    case "throw":
      throw new Error("as asked");
    case "disconnect":
      process.disconnect();
  }
}
