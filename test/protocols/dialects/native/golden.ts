import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  CentralMessage,
  ClientMessage,
} from "../../../../src/protocols/dialects/native/wire.ts";
import { root } from "../../../support/paths.ts";

const DIR = join(root, "test/golden/native");

/** One message and its bytes, which were not made by our encoder. */
export type Vector = {
  readonly name: string;
  /** The annotated file, as it is. */
  readonly text: string;
  readonly bytes: Buffer;
} & (
  | { readonly sender: "client"; readonly message: ClientMessage }
  | { readonly sender: "central"; readonly message: CentralMessage }
);

export const vectors: readonly Vector[] = readdirSync(DIR)
  .filter((file) => file.endsWith(".hex"))
  .map((file) => file.slice(0, -".hex".length))
  .map(readVector);

function readVector(name: string): Vector {
  const text = readFileSync(join(DIR, `${name}.hex`), "utf8");
  const described: unknown = JSON.parse(readFileSync(join(DIR, `${name}.json`), "utf8"), revive);
  return { name, text, bytes: parseHex(text), ...(described as Pick<Vector, "sender">) } as Vector;
}

/** Byte fields are written as `{"hex": "…"}`. */
function revive(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "hex" in value
    ? Buffer.from(String(value.hex), "hex")
    : value;
}

/** The bytes of an annotated file: hex digits, and comments from `#` to the end of a line. */
export function parseHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/#.*$/gm, "").replaceAll(/\s/g, ""), "hex");
}

export interface Step {
  readonly sender: "client" | "central";
  readonly title: string;
  readonly bytes: Buffer;
}

export const conversationText: string = readFileSync(join(DIR, "conversation.txt"), "utf8");

/** The steps of the transcript; each begins with `>` (client) or `<` (central). */
export const conversation: readonly Step[] = [
  ...conversationText.matchAll(/^([<>]) (.*)\n((?:[^<>\n].*\n|\n)*)/gm),
].map(([, mark, title = "", text = ""]) => ({
  sender: mark === ">" ? "client" : "central",
  title,
  bytes: parseHex(text),
}));
