/** One value in DER (X.690): a tag, a length, and that many bytes. */
export interface Der {
  readonly tag: number;
  /** Tag and length too. */
  readonly whole: Buffer;
  readonly body: Buffer;
}

/** Tags of X.690 that certificates and lists have. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  /** [0], with other values in it. */
  context0: 0xa0,
} as const;

/**
 * Reads the values one after the other, and not what is in them. It is for lists of revoked certificates, whose
 * signature is checked before anything in them counts: a library reads them whole, at half a millisecond for
 * each certificate, in one turn of the event loop.
 *
 * @throws RangeError when a value is not whole
 */
export function* derValues(bytes: Buffer): Generator<Der> {
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes, at);
    yield value;
    at += value.whole.length;
  }
}

/** The values in one with a certain tag. @throws RangeError when it is another one */
export function valuesIn(value: Der | undefined, tag: number = DER.sequence): Generator<Der> {
  return derValues(bodyOf(value, tag));
}

/** @throws RangeError when it is not a value with this tag */
export function bodyOf(value: Der | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw new RangeError(`Cannot read DER: expected tag ${tag}`);
  return value.body;
}

function readValue(bytes: Buffer, at: number): Der {
  const tag = bytes.readUInt8(at);
  const first = bytes.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  // Four bytes are more than any file here has. No length (0x80) is BER, not DER.
  if (first === 0x80 || lengthBytes > 4) throw new RangeError("Cannot read DER: bad length");
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const begin = at + 2 + lengthBytes;
  const end = begin + length;
  if (end > bytes.length) throw new RangeError("Cannot read DER: it is cut off");
  return { tag, whole: bytes.subarray(at, end), body: bytes.subarray(begin, end) };
}
