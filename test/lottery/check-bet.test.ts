import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { checkBet } from "../../src/lottery/check-bet.ts";
import { type Flaw, FLAWS } from "../../src/lottery/flaw.ts";
import { TODAY } from "./arbitrary-bets.ts";

const good: Bet = {
  agency: 1 as AgencyId,
  firstName: "Santiago Lionel",
  lastName: "Lorca",
  document: "30904465",
  birthdate: "1999-03-17",
  number: 7574,
};

describe("checkBet", () => {
  const fine: Partial<Bet>[] = [
    {},
    { agency: 4_294_967_295 as AgencyId },
    { firstName: "x".repeat(255) },
    { firstName: 'Lorca, "Ana"' },
    { firstName: "\u00a0\u2028\ufeff👩‍👧" },
    { lastName: "" },
    { lastName: "x".repeat(255) },
    { document: "0" },
    { document: "4294967295" },
    { document: "0000000001" },
    { birthdate: "2026-11-20" },
    { birthdate: "2000-02-29" },
    { birthdate: "0001-01-01" },
    { number: 0 },
    { number: 9999 },
  ];
  for (const fields of fine) {
    it(`accepts ${JSON.stringify(fields).slice(0, 60)}`, () => {
      assert.equal(checkBet({ ...good, ...fields }, TODAY), undefined);
    });
  }

  const flawed: [Partial<Bet>, Flaw][] = [
    [{ agency: 0 as AgencyId }, FLAWS.agencyForm],
    [{ agency: 1.5 as AgencyId }, FLAWS.agencyForm],
    [{ agency: 4_294_967_296 as AgencyId }, FLAWS.agencyForm],
    [{ firstName: "" }, FLAWS.firstNameEmpty],
    [{ firstName: "ñ".repeat(128) }, FLAWS.firstNameLong],
    [{ firstName: "a\u0000" }, FLAWS.firstNameControl],
    [{ firstName: "a\u001f" }, FLAWS.firstNameControl],
    [{ firstName: "a\u007f" }, FLAWS.firstNameControl],
    [{ firstName: "a\u0085" }, FLAWS.firstNameControl],
    [{ firstName: "a\nb" }, FLAWS.firstNameControl],
    [{ firstName: "a\ud800" }, FLAWS.firstNameEncoding],
    [{ lastName: "x".repeat(256) }, FLAWS.lastNameLong],
    [{ lastName: "\t" }, FLAWS.lastNameControl],
    [{ lastName: "\udc00" }, FLAWS.lastNameEncoding],
    [{ document: "" }, FLAWS.documentForm],
    [{ document: "12345678901" }, FLAWS.documentForm],
    [{ document: "1a" }, FLAWS.documentForm],
    [{ document: "1\n" }, FLAWS.documentForm],
    [{ document: "٣" }, FLAWS.documentForm],
    [{ document: "4294967296" }, FLAWS.documentLarge],
    [{ birthdate: "1999-3-17" }, FLAWS.birthdateForm],
    [{ birthdate: "1999-03-17T00:00" }, FLAWS.birthdateForm],
    [{ birthdate: "1999-02-29" }, FLAWS.birthdateUnreal],
    [{ birthdate: "0000-01-01" }, FLAWS.birthdateUnreal],
    [{ birthdate: "2026-11-21" }, FLAWS.birthdateFuture],
    [{ birthdate: "9999-12-31" }, FLAWS.birthdateFuture],
    [{ number: -1 }, FLAWS.numberForm],
    [{ number: 10_000 }, FLAWS.numberForm],
    [{ number: 0.5 }, FLAWS.numberForm],
    [{ number: Number.NaN }, FLAWS.numberForm],
  ];
  for (const [fields, flaw] of flawed) {
    it(`refuses ${JSON.stringify(fields).slice(0, 60)}: ${flaw.field} ${flaw.reason}`, () => {
      assert.deepEqual(checkBet({ ...good, ...fields }, TODAY), flaw);
    });
  }

  it("names the first of several flaws, in the order of the canonical line", () => {
    assert.deepEqual(
      checkBet({ ...good, lastName: "\n", number: -1 }, TODAY),
      FLAWS.lastNameControl,
    );
  });
});
