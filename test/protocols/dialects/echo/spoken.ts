import { createEchoDialect } from "../../../../src/protocols/dialects/echo/dialect.ts";
import type { Spoken } from "../../spoken.ts";

export const echoSpoken: Spoken = {
  dialect: createEchoDialect({ anyLine: false }),
  openings: {
    "the exercise's line": Buffer.from("[CLIENT 1] Message N°1\n"),
    "a long client's name": Buffer.from(`[CLIENT ${"x".repeat(60)}] Message N°5\n`),
  },
  bets: "it sends back the line that it gets",
};
