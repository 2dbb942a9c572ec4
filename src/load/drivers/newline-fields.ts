import type { AgencyId } from "../../lottery/bet.ts";
import { createNewlineFieldsCentralDecoder } from "../../protocols/dialects/newline-fields/decode.ts";
import {
  createNewlineFieldsDialer,
  EXERCISE_6,
  EXERCISE_7,
  FINAL,
} from "../../protocols/dialects/newline-fields/dial.ts";
import { encodeAgency, encodeCentral } from "../../protocols/dialects/newline-fields/encode.ts";
import {
  ANSWER_BYTES_MAX,
  type CentralMessage,
} from "../../protocols/dialects/newline-fields/wire.ts";
import type { Answer } from "../answer.ts";
import type { Driver } from "./driver.ts";
import { type Ending, isExactly, type Turns, turnsDriver } from "./turns.ts";

const VERSIONS = { ej6: EXERCISE_6, ej7: EXERCISE_7, final: FINAL } as const;

const TURNS: Turns<CentralMessage> = {
  isTaken: isExactly(encodeCentral({ kind: "stored" })),
  createDecoder: () => createNewlineFieldsCentralDecoder({ frameBytesMax: ANSWER_BYTES_MAX }),
  meaningOf,
};

export function newlineFieldsDriver(name: keyof typeof VERSIONS): Driver {
  const version = VERSIONS[name];
  const { typed, draws } = version;
  return turnsDriver(TURNS, {
    dialer: createNewlineFieldsDialer(version),
    connectionPerMessage: ({ ej6: "must", ej7: "may", final: "no" } as const)[name],
    encodeBatch: (_agency, bets) => encodeAgency({ kind: "batch", typed, bets }),
    ending: draws ? endingOf : undefined,
  });
}

function endingOf(agency: AgencyId): Ending {
  return {
    done: encodeAgency({ kind: "confirmation", agency }),
    question: encodeAgency({ kind: "question", agency }),
  };
}

function meaningOf(message: CentralMessage): Answer | "accepted" {
  switch (message.kind) {
    case "stored":
      return "accepted";
    case "noted":
      return { kind: "noted" };
    case "unreadable":
      return { kind: "refused", reason: "Error al recibir msg :(" };
    case "winners":
      return { kind: "winners", count: message.documents.length, last: true };
    default:
      return message satisfies never;
  }
}
