import assert from "node:assert/strict";
import type { Random } from "../../../src/generate/random.ts";
import type { Decoded, Decoder } from "../../../src/protocols/codec.ts";
import { ProtocolError } from "../../../src/protocols/protocol-error.ts";

/** Bytes that some dialect takes for a mark, a length or a digit. */
const DECIDING = [
  0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0x0a, 0x0d, 0x20, 0x23, 0x2c, 0x30, 0x31, 0x3a, 0x40, 0x41,
  0x7b, 0x7c, 0x7d, 0x80, 0xc3, 0xff,
] as const;

/** Noise, or real bytes that were spoiled in one way or another. */
export function fuzzed(random: Random, real: readonly [Buffer, ...Buffer[]]): Buffer {
  const kind = random.below(10);
  if (kind === 0) return noise(random, random.below(200), 256);
  if (kind === 1) return noise(random, random.below(120), DECIDING.length);
  let bytes: Buffer = random.pick(real);
  for (let wounds = random.below(4); wounds > 0; wounds--) bytes = spoiled(random, bytes, real);
  return bytes;
}

function spoiled(random: Random, bytes: Buffer, real: readonly [Buffer, ...Buffer[]]): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.below(12));
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(end);
  switch (random.below(7)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, noise(random, end - at, DECIDING.length), after]);
    case 3:
      return Buffer.concat([before, noise(random, random.below(8), 256), after]);
    case 4:
      return Buffer.concat([before, bytes.subarray(at, end), bytes.subarray(at, end), after]);
    case 5: {
      const other = random.pick(real);
      return Buffer.concat([before, other.subarray(random.below(other.length + 1))]);
    }
    default: {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(
        random.pick([0, 1, 17, 18, 255, 8192, 70_000, 0x7fff_ffff, 0xffff_ffff]),
      );
      return Buffer.concat([before, length, after]);
    }
  }
}

/** @param values 256 for any byte, fewer for those that decide */
function noise(random: Random, count: number, values: number): Buffer {
  return Buffer.from(
    Array.from({ length: count }, () =>
      values === 256 ? random.below(256) : (DECIDING[random.below(values)] ?? 0),
    ),
  );
}

/** The same bytes in pieces, cut by chance; now and then all into single bytes. */
export function pieces(random: Random, bytes: Buffer): Buffer[] {
  if (random.below(8) === 0) return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const places = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1));
  const sorted = [...places.toSorted((a, b) => a - b), bytes.length];
  return sorted.map((place, index) => bytes.subarray(sorted[index - 1] ?? 0, place));
}

/**
 * Has a decoder take chunks, as a connection would.
 *
 * @returns all that it makes of them, as text that can be compared
 * @throws AssertionError when it breaks what every decoder promises
 */
export function decodedOf(decoder: Decoder<object>, chunks: readonly Buffer[]): string {
  const told: string[] = [];
  let violated = false;
  for (const bytes of chunks) {
    const chunk = Buffer.from(bytes);
    for (const decoded of decoder.push(chunk)) {
      assert.ok(!violated, "a violation is the last thing that a decoder yields");
      violated = decoded.kind === "violation";
      told.push(textOf(decoded));
    }
    // Whoever keeps a view of it would see this.
    chunk.fill(0xee);
  }
  const end = decoder.end();
  if (violated) assert.equal(decoder.midFrame, false, "there is no rest after a violation");
  else if (end !== undefined) told.push(textOf({ kind: "violation", error: end }));
  return told.join("\n");
}

function textOf(decoded: Decoded<object>): string {
  if (decoded.kind === "message") return fieldsOf(decoded.message);
  const { error } = decoded;
  assert.ok(error instanceof ProtocolError);
  return `violation ${error.code}: ${error.message}`;
}

function fieldsOf(message: object): string {
  return Object.entries(message)
    .map(([key, value]: [string, unknown]) => `${key}=${valueOf(value)}`)
    .join(" ");
}

function valueOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (Array.isArray(value)) return value.map(valueOf).join(";");
  return typeof value === "object" && value !== null ? fieldsOf(value) : String(value);
}
