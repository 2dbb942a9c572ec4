// A reporter for pipes and files: prints a dot for every test, then the failed tests and the totals.
import { inspect } from "node:util";
import { relative } from "node:path";

const WIDTH = 100;

export default async function* summary(events) {
  const failed = [];
  const totals = [];
  let column = 0;
  for await (const { type, data } of events) {
    if (type === "test:pass" || type === "test:fail") {
      if (data.details?.type === "suite") continue;
      if (type === "test:fail") failed.push(data);
      yield type === "test:pass" ? "." : "X";
      if (++column % WIDTH === 0) yield "\n";
    } else if (type === "test:diagnostic" && data.nesting === 0) {
      totals.push(data.message);
    } else if (type === "test:stderr" || type === "test:stdout") {
      yield data.message;
    }
  }
  yield "\n\n";
  for (const { name, file, line, details } of failed) {
    const place = file === undefined ? "" : ` (${relative(process.cwd(), file)}:${line})`;
    const error = details?.error?.cause ?? details?.error;
    yield `failed: ${name}${place}\n${indented(error?.stack ?? inspect(error))}\n\n`;
  }
  yield `${totals.join("\n")}\n`;
  for (const { name } of failed) yield `failed: ${name}\n`;
}

function indented(text) {
  return text.replaceAll(/^/gm, "  ");
}
