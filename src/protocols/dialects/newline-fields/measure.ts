import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { BatchMeasure } from "../../agency-link.ts";
import { betText } from "./encode.ts";
import { BATCH_TYPE } from "./layout.ts";

/** @param typed whether a batch begins with its type */
export function newlineFieldsMeasure(typed: boolean): BatchMeasure {
  return {
    overheadBytes: typed ? `${BATCH_TYPE}\n\n`.length : 1,
    betBytes: (bet) => Buffer.byteLength(betText(bet)),
  };
}

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Every field is a line, nothing is escaped, and an empty line ends the message. */
export function unfitForNewlineFields(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    const text = bet[field];
    if (text === "") {
      return { field, reason: "is empty, and in newline-fields an empty line ends the batch" };
    }
    if (text.includes("\n")) {
      return { field, reason: "has a line break, which newline-fields cannot carry" };
    }
    if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
