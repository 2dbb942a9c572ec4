import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agencyWinners, winnersTable } from "../../src/cli/agency-winners.ts";
import { FakeCentral, sampleBet } from "../agency/fake-central.ts";
import { CONFIG } from "../agency/harness.ts";

const rows = (results: Parameters<typeof winnersTable>[0]): string[][] =>
  winnersTable(results)
    .split("\n")
    .filter((line) => !line.includes("─"))
    .map((line) => line.trim().split(/ {2,}/));

describe("the table of winners", () => {
  it("has whole bets if they are known, and documents if only these are known", () => {
    const bet = sampleBet(7, { firstName: "Ana", lastName: "Núñez" });
    assert.deepEqual(rows({ winners: [bet.document] }), [["winner"], [bet.document]]);
    assert.deepEqual(rows({ winners: [bet.document], winningBets: [bet] }), [
      ["winner", "first name", "last name", "birthdate", "number"],
      [bet.document, "Ana", "Núñez", bet.birthdate, `${bet.number}`],
    ]);
  });

  it("ends after twenty rows, and says how many more there are", () => {
    for (const count of [20, 21, 5000]) {
      const winners = Array.from({ length: count }, (_, index) => `${30_000_000 + index}`);
      const lines = winnersTable({ winners }).split("\n");
      assert.equal(lines.filter((line) => /30\d{6}/.test(line)).length, 20);
      const more = count > 20 ? `and ${(count - 20).toLocaleString("en-US")} more` : undefined;
      assert.equal(
        lines.find((line) => line.startsWith("and")),
        more,
      );
    }
  });

  it("shows no control characters from the central", () => {
    assert.ok(!winnersTable({ winners: ["\u001b[2J"] }).includes("\u001b[2J"));
  });

  it("is shown only on a terminal, without a file of winners and without a JSON log", () => {
    const { dialer } = new FakeCentral();
    const signal = new AbortController().signal;
    for (const [config, drawless, terminal, wanted] of [
      [{}, false, true, true],
      [{}, false, false, false],
      [{}, true, true, false],
      [{ logFormat: "json" }, false, true, false],
      [{ mode: "bet" }, false, true, false],
    ] as const) {
      const options = { dialer: { ...dialer, drawless }, signal, terminal };
      const { sink } = agencyWinners({ ...CONFIG, ...config }, options);
      assert.equal(sink !== undefined, wanted, JSON.stringify([config, drawless, terminal]));
    }
  });
});
