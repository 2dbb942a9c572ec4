import { createTlvCentralDecoder } from "../../protocols/tlv/decode.ts";
import { createTlvBatchesDialer, createTlvDialer } from "../../protocols/tlv/dial.ts";
import { encodeAgency, encodeCentral } from "../../protocols/tlv/encode.ts";
import { ANSWER_BYTES_MAX } from "../../protocols/tlv/layout.ts";
import type { CentralMessage } from "../../protocols/tlv/messages.ts";
import type { Answer } from "../answer.ts";
import { COURSE_BYTES_MAX } from "./course.ts";
import type { Driver } from "./driver.ts";
import { isExactly, TurnsConversation } from "./turns.ts";

const isTaken = isExactly(encodeCentral({ kind: "ok" }));
const createDecoder = () => createTlvCentralDecoder({ frameBytesMax: ANSWER_BYTES_MAX });

/** @param version ej6: all batches on one connection, and no draw */
export function tlvDriver(version: "ej6" | "final"): Driver {
  return {
    dialer: version === "final" ? createTlvDialer() : createTlvBatchesDialer(),
    windowMax: 1,
    batchBytesMax: COURSE_BYTES_MAX,
    connectionPerMessage: version === "final" ? "may" : "no",
    encodeBatch: (_agency, bets) => encodeAgency({ kind: "batch", bets }),
    converse: (agency) =>
      new TurnsConversation({
        isTaken,
        createDecoder,
        meaningOf,
        ...(version === "final"
          ? {
              ending: {
                done: encodeAgency({ kind: "done", agency }),
                question: encodeAgency({ kind: "question", agency }),
              },
            }
          : {}),
      }),
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
