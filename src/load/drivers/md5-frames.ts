import type { AgencyId } from "../../lottery/bet.ts";
import { createMd5FramesCentralDecoder } from "../../protocols/dialects/md5-frames/decode.ts";
import { createMd5FramesDialer } from "../../protocols/dialects/md5-frames/dial.ts";
import { encodeAgency, encodeCentral } from "../../protocols/dialects/md5-frames/encode.ts";
import {
  ANSWER_BYTES_MAX,
  type CentralMessage,
  IDENTIFIER_AT,
  PAYLOAD_AT,
} from "../../protocols/dialects/md5-frames/wire.ts";
import type { Answer } from "../answer.ts";
import type { Driver } from "./driver.ts";
import { type Ending, type Turns, turnsDriver } from "./turns.ts";

const SUCCESS = encodeCentral({ kind: "success", identifier: new Uint8Array(16) });

const TURNS: Turns<CentralMessage> = {
  isTaken,
  createDecoder: () => createMd5FramesCentralDecoder({ frameBytesMax: ANSWER_BYTES_MAX }),
  meaningOf,
};

/** @param version ej6: no draw */
export function md5FramesDriver(version: "ej6" | "final"): Driver {
  const draws = version === "final";
  return turnsDriver(TURNS, {
    dialer: createMd5FramesDialer({ draws }),
    connectionPerMessage: "may",
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

/** All but the identifier, which is that of the batch. */
function isTaken(bytes: Buffer, length: number): boolean {
  if (length !== SUCCESS.length) return false;
  for (let at = 0; at < IDENTIFIER_AT; at++) if (bytes[at] !== SUCCESS[at]) return false;
  for (let at = PAYLOAD_AT; at < length; at++) if (bytes[at] !== SUCCESS[at]) return false;
  return true;
}

function meaningOf(message: CentralMessage): Answer | "accepted" {
  switch (message.kind) {
    case "success":
      return "accepted";
    case "failure":
      return { kind: "refused", reason: "{result:failure}" };
    case "question-failure":
      return { kind: "refused", reason: "{result:failure} to the question" };
    case "in-progress":
      return { kind: "not-yet" };
    case "winners":
      return { kind: "winners", count: message.documents.length, last: true };
    default:
      return message satisfies never;
  }
}
