import { type AgencyId, agencyId, type Bet } from "../../../../src/lottery/bet.ts";

// Written by hand from the format, not by the encoder that is tested.

export interface RecordFields {
  readonly agency?: number;
  readonly firstName?: string | Uint8Array;
  readonly lastName?: string | Uint8Array;
  readonly document?: number;
  readonly birthdate?: string;
  readonly number?: number;
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

export function record(fields: RecordFields = {}): Buffer {
  const { agency = 1, firstName = "Ana", lastName = "Paz" } = fields;
  const { document = 30_000_001, birthdate = "1990-01-31", number = 7 } = fields;
  return Buffer.concat([
    u32(agency),
    padded(firstName, 24),
    padded(lastName, 24),
    u32(document),
    padded(birthdate, 10),
    u32(number),
  ]);
}

/** A batch of records that differ in their document. */
export function batch(count: number, fields: RecordFields = {}): Buffer {
  const { document = 30_000_000 } = fields;
  const records = Array.from({ length: count }, (_, index) =>
    record({ ...fields, document: document + index }),
  );
  return Buffer.concat([u32(count), ...records]);
}

export const CONFIRMATION = "00000001";
export const ZERO: Buffer = u32(0);

export function winners(...documents: readonly number[]): string {
  return u32(documents.length, ...documents).toString("hex");
}

export function agency(number: number): AgencyId {
  const id = agencyId(number);
  if (id === undefined) throw new RangeError(`Cannot be an agency: ${number}`);
  return id;
}

export function bet(fields: Partial<Bet> = {}): Bet {
  return {
    agency: agency(1),
    firstName: "Ana",
    lastName: "Paz",
    document: "30000001",
    birthdate: "1990-01-31",
    number: 7,
    ...fields,
  };
}

function padded(text: string | Uint8Array, size: number): Buffer {
  const field = Buffer.alloc(size);
  Buffer.from(text as string).copy(field);
  return field;
}
