import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import { BIRTHDATE_BYTES_MAX, NAME_BYTES_MAX, U32_MAX } from "./layout.ts";

type Unfit = { readonly field: FlawField; readonly reason: string };

/** Why a bet would not arrive in a record as it is. */
export function unfitBet(bet: Bet): Unfit | undefined {
  if (/^\p{Cc}|^$/u.test(bet.firstName)) {
    return { field: "firstName", reason: "must begin with a letter in fixed70" };
  }
  return (
    unfitText("firstName", bet.firstName, NAME_BYTES_MAX) ??
    unfitText("lastName", bet.lastName, NAME_BYTES_MAX) ??
    unfitDocument(bet.document) ??
    unfitText("birthdate", bet.birthdate, BIRTHDATE_BYTES_MAX) ??
    unfitNumber(bet.number)
  );
}

function unfitText(field: FlawField, text: string, bytesMax: number): Unfit | undefined {
  if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  if (text.startsWith("\0") || text.endsWith("\0")) {
    return { field, reason: "has a NUL at an end, which fixed70 cannot carry" };
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return undefined;
  return { field, reason: `takes ${bytes} bytes, fixed70 has room for ${bytesMax}` };
}

function unfitDocument(document: string): Unfit | undefined {
  const field = "document";
  if (!/^\d{1,10}$/.test(document) || Number(document) > U32_MAX) {
    return { field, reason: "is no number of 32 bits, which fixed70 carries" };
  }
  if (document === `${Number(document)}`) return undefined;
  return { field, reason: "has leading zeros, which fixed70 cannot carry" };
}

function unfitNumber(number: number): Unfit | undefined {
  if (Number.isInteger(number) && number >= 0 && number <= U32_MAX) return undefined;
  return { field: "number", reason: "is no number of 32 bits, which fixed70 carries" };
}
