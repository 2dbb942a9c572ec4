import { describe } from "node:test";
import { sameInEveryDialect } from "../protocols/all/same-in-every-dialect.ts";
import { seedNote } from "../support/seed.ts";

describe(`the same bets in every dialect (${seedNote})`, () => sameInEveryDialect(5000));
