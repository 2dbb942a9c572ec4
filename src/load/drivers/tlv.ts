import type { AgencyId } from "../../lottery/bet.ts";
import { createTlvCentralDecoder } from "../../protocols/dialects/tlv/decode.ts";
import { createTlvBatchesDialer, createTlvDialer } from "../../protocols/dialects/tlv/dial.ts";
import { encodeAgency, encodeCentral } from "../../protocols/dialects/tlv/encode.ts";
import { ANSWER_BYTES_MAX, type CentralMessage } from "../../protocols/dialects/tlv/wire.ts";
import type { Answer } from "../answer.ts";
import type { Driver } from "./driver.ts";
import { type Ending, isExactly, type Turns, turnsDriver } from "./turns.ts";

const TURNS: Turns<CentralMessage> = {
  isTaken: isExactly(encodeCentral({ kind: "ok" })),
  createDecoder: () => createTlvCentralDecoder({ frameBytesMax: ANSWER_BYTES_MAX }),
  meaningOf,
};

/** @param version ej6: all batches on one connection, and no draw */
export function tlvDriver(version: "ej6" | "final"): Driver {
  const draws = version === "final";
  return turnsDriver(TURNS, {
    dialer: draws ? createTlvDialer() : createTlvBatchesDialer(),
    connectionPerMessage: draws ? "may" : "no",
    encodeBatch: (_agency, bets) => encodeAgency({ kind: "batch", bets }),
    ending: draws ? endingOf : undefined,
  });
}

function endingOf(agency: AgencyId): Ending {
  return {
    done: encodeAgency({ kind: "done", agency }),
    question: encodeAgency({ kind: "question", agency }),
  };
}

function meaningOf(message: CentralMessage): Answer | "accepted" {
  switch (message.kind) {
    case "ok":
      return "accepted";
    case "refused":
      return { kind: "refused", reason: message.text };
    case "not-yet":
      return { kind: "not-yet" };
    case "winners":
      return { kind: "winners", count: message.documents.length, last: true };
    default:
      return message satisfies never;
  }
}
