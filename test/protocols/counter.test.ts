import assert from "node:assert/strict";
import { it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import type { Counter } from "../../src/protocols/counter.ts";
import type { ServeContext } from "../../src/protocols/dialect.ts";

/** The types of what a counter can be given: of all parameters of all its methods, but for callbacks. */
type Given = {
  [Key in keyof Counter]: Counter[Key] extends (...given: infer Parameters) => unknown
    ? Exclude<Parameters[keyof Parameters & number], (...args: never) => unknown>
    : never;
}[keyof Counter];

/** Names of properties in any of those. */
type Named = Given extends infer Each ? (Each extends object ? keyof Each : never) : never;

type Yes<Holds extends true> = Holds;
type Not<Holds extends boolean> = Holds extends true ? false : true;
type Includes<All, One> = One extends All ? true : false;

/** These do not compile when a conversation could name an agency after it was admitted. */
export type Promises = [
  Yes<Not<Includes<Named, "agency">>>,
  Yes<Not<Includes<Given, AgencyId>>>,
  Yes<Not<Includes<Given, number>>>,
  // The check itself sees what it looks for.
  Yes<Includes<Named, "sequence">>,
  Yes<Includes<Named, "place">>,
  // And a conversation has nothing else to ask.
  Yes<Includes<"peer" | "admitter" | "limits" | "clock", keyof ServeContext>>,
];

function speak(counter: Counter, lines: Uint8Array): void {
  const batch = { sequence: 1, count: 1, lines };
  // @ts-expect-error whose batch it is, the counter knows
  counter.submit({ ...batch, agency: 2 as AgencyId }, () => undefined);
  // @ts-expect-error and whose winners
  void counter.results(2 as AgencyId, new AbortController().signal);
}

it("P6 a conversation cannot name an agency to the counter at which it was admitted", () => {
  // What is promised here holds when this file compiles.
  assert.equal(speak.length, 2);
});
