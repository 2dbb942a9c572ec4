import { createColonLinesCentralDecoder as createDecoder } from "../../protocols/dialects/colon-lines/decode.ts";
import { createColonLinesDialer } from "../../protocols/dialects/colon-lines/dial.ts";
import {
  encodeBatch,
  encodeCentral,
  encodeDone,
  encodeQuestion,
  type Version,
} from "../../protocols/dialects/colon-lines/encode.ts";
import type { Reply } from "../../protocols/dialects/colon-lines/wire.ts";
import type { Answer } from "../answer.ts";
import type { Driver } from "./driver.ts";
import { isExactly, turnsDriver } from "./turns.ts";

export function colonLinesDriver(version: Version): Driver {
  const isTaken = isExactly(encodeCentral({ kind: "taken", untyped: version === "ej6" }));
  return turnsDriver<Reply>(
    { isTaken, createDecoder, meaningOf },
    {
      dialer: createColonLinesDialer(version),
      connectionPerMessage: ({ ej6: "must", ej7: "may", ej8: "no" } as const)[version],
      encodeBatch: (agency, bets) => encodeBatch(agency, bets, version),
      ending:
        version === "ej6"
          ? undefined
          : (agency) => ({ done: encodeDone(agency), question: encodeQuestion(agency) }),
    },
  );
}

function meaningOf(reply: Reply): Answer | "accepted" {
  switch (reply.kind) {
    case "taken":
      return "accepted";
    case "refused":
      return { kind: "refused", reason: "server:1" };
    case "not-yet":
      return { kind: "not-yet" };
    case "winners":
      return { kind: "winners", count: reply.documents.length, last: true };
    default:
      return reply satisfies never;
  }
}
