import { describe } from "node:test";
import { seedNote } from "../../support/seed.ts";
import { sameInEveryDialect } from "./same-in-every-dialect.ts";

describe(`the same bets in every dialect (${seedNote})`, () => sameInEveryDialect(60));
