import * as fc from "fast-check";
import {
  type CentralMessage,
  type ClientMessage,
  ERROR_CODES,
  FIELDS,
  REJECT_CODES,
  STATES,
} from "../../../../src/protocols/dialects/native/wire.ts";

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER),
);
const sequence = u64.filter((value) => value > 0);
const head = bytes(32, 32);
const text = fc.string({ unit: "binary", maxLength: 30 });
const draw = text.filter((name) => Buffer.byteLength(name) <= 255);

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));
}

function named<Name>(names: readonly (Name | undefined)[]): fc.Arbitrary<Name> {
  return fc.constantFrom(...names.filter((name) => name !== undefined));
}

const flag = fc.boolean();

/** Any message a client can send that fits a frame of 8,192 bytes. */
export const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ kind: fc.constant("hello"), agency: u32, draw, credentials: bytes(0, 300) }),
  fc.record({
    kind: fc.constant("batch"),
    sequence,
    count: u16.filter((count) => count > 0),
    lines: bytes(0, 400),
  }),
  fc.record({ kind: fc.constant("bet"), sequence, line: bytes(0, 80) }),
  fc.record({ kind: fc.constant("done"), batches: u64, bets: u64, head }),
  fc.record({ kind: fc.constant("ping"), token: u32 }),
  fc.record({ kind: fc.constant("proof"), proof: bytes(32, 32) }),
  fc.record({ kind: fc.constant("seal") }),
);

/** Any message a central can send that fits a frame of 8,192 bytes. */
export const centralMessages: fc.Arbitrary<CentralMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("welcome"),
    draw,
    state: named(STATES),
    done: flag,
    chainKnown: flag,
    nextSequence: sequence,
    bets: u64,
    head,
    window: u16.filter((window) => window > 0),
    frameBytesMax: u32,
  }),
  fc.record({ kind: fc.constant("ack"), sequence: u64, head, done: flag }),
  fc.record(
    {
      kind: fc.constant("reject"),
      sequence,
      code: named(REJECT_CODES),
      index: u16.filter((index) => index < 0xffff),
      field: named(FIELDS),
      reason: text,
    },
    { requiredKeys: ["kind", "sequence", "code", "reason"] },
  ),
  fc.record({ kind: fc.constant("busy"), sequence: u64, retryAfterMs: u32 }),
  fc.record({
    kind: fc.constant("drawn"),
    winningNumber: u16,
    seal: head,
    total: u32,
    index: u32,
    documents: fc.array(fc.string({ minLength: 0, maxLength: 10 }), { maxLength: 20 }),
  }),
  fc.record({ kind: fc.constant("error"), code: named(ERROR_CODES), fatal: flag, text }),
  fc.record({ kind: fc.constant("pong"), token: u32 }),
  fc.record({ kind: fc.constant("challenge"), challenge: bytes(32, 32) }),
  fc.record(
    {
      kind: fc.constant("sealed"),
      closedOut: flag,
      proof: fc.record(
        {
          agencies: u32,
          index: u32,
          path: fc.array(head, { maxLength: 32 }),
          acts: fc.record({ count: u64, head }, { noNullPrototype: true }),
        },
        { noNullPrototype: true },
      ),
    },
    { requiredKeys: ["kind", "closedOut"] },
  ),
) as fc.Arbitrary<CentralMessage>;
