import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { AgencyId } from "../lottery/bet.ts";
import { TOKEN_PREFIX } from "./hide-tokens.ts";

// Proofs by token work as in SCRAM (RFC 5802): the agency keeps the token, the central a hash of a key that
// is derived from it. So the hash does not help anybody to speak as the agency. The token never travels.

/** Bytes of random in a token, and of each key, challenge, channel binding and proof. */
export const PROOF_BYTES = 32;

const CLIENT_KEY_LABEL = "quiniela/1 client key";
const PROOF_LABEL = "quiniela/1 proof\n";

/** What a proof is about: it proves nothing on another connection, for another agency or for another draw. */
export interface ProofMessage {
  /** The central's random bytes, 32, fresh for each proof. */
  readonly challenge: Uint8Array;
  /** 32 bytes that only the two ends of this TLS connection know. */
  readonly channelBinding: Uint8Array;
  readonly agency: AgencyId;
  readonly draw: string;
}

/** A new token of 256 random bits: `qnl_` and 43 characters of base64url. */
export function newToken(): string {
  return `${TOKEN_PREFIX}${randomBytes(PROOF_BYTES).toString("base64url")}`;
}

/** Whether the text has the form of a token. */
export function isToken(text: string): boolean {
  return secretOf(text) !== undefined;
}

/**
 * What the central keeps of a token, in hex.
 *
 * @throws RangeError, without the text, when it is not a token
 */
export function storedKeyOf(token: string): string {
  return sha256(clientKeyOf(token)).toString("hex");
}

/**
 * The agency's proof that it has the token: 32 bytes.
 *
 * @throws RangeError, without the text, when it is not a token
 */
export function proofOf(token: string, message: ProofMessage): Uint8Array {
  const clientKey = clientKeyOf(token);
  return xor(clientKey, hmac(sha256(clientKey), authMessageOf(message)));
}

/**
 * Finds with which token a proof was made, for this message. The time that it takes depends neither on which key it is
 * nor on whether there is one.
 *
 * @param storedKeys in hex
 * @returns the stored key of that token; undefined when it was made with none of them
 */
export function provenKey(
  storedKeys: readonly string[],
  proof: Uint8Array,
  message: ProofMessage,
): string | undefined {
  if (proof.length !== PROOF_BYTES) return undefined;
  const text = authMessageOf(message);
  let proven: string | undefined;
  for (const hex of storedKeys.length === 0 ? [NO_KEY] : storedKeys) {
    const storedKey = Buffer.from(hex, "hex");
    if (storedKey.length !== PROOF_BYTES) continue;
    const clientKey = xor(proof, hmac(storedKey, text));
    if (timingSafeEqual(sha256(clientKey), storedKey)) proven = hex;
  }
  return proven !== undefined && storedKeys.includes(proven) ? proven : undefined;
}

/** In the place of tokens that an agency does not have: asking for them takes the same time. */
const NO_KEY = "00".repeat(PROOF_BYTES);

function authMessageOf({ challenge, channelBinding, agency, draw }: ProofMessage): Uint8Array {
  for (const [name, { length }] of Object.entries({ challenge, channelBinding })) {
    if (length !== PROOF_BYTES) {
      throw new RangeError(`Cannot prove: ${name} has ${length} bytes; allowed: ${PROOF_BYTES}`);
    }
  }
  const number = Buffer.alloc(4);
  number.writeUInt32BE(agency);
  // Only the draw has no fixed length, and it is the last one.
  return Buffer.concat([
    Buffer.from(PROOF_LABEL),
    challenge,
    channelBinding,
    number,
    Buffer.from(draw),
  ]);
}

function clientKeyOf(token: string): Uint8Array {
  const secret = secretOf(token);
  if (secret === undefined) {
    const form = `${TOKEN_PREFIX} and 43 characters of base64url`;
    throw new RangeError(`Cannot use the token: it has another form; allowed: ${form}`);
  }
  return hmac(secret, CLIENT_KEY_LABEL);
}

/** The random bytes of a token. */
function secretOf(token: string): Buffer | undefined {
  if (!token.startsWith(TOKEN_PREFIX)) return undefined;
  const text = token.slice(TOKEN_PREFIX.length);
  const secret = Buffer.from(text, "base64url");
  // The decoder ignores what it does not know: only the same text again is a token.
  const exact = secret.length === PROOF_BYTES && secret.toString("base64url") === text;
  return exact ? secret : undefined;
}

function hmac(key: Uint8Array, text: Uint8Array | string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ (other[index] ?? 0));
}
