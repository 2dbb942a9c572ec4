import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { FAMILY_NAMES } from "../../src/generate/family-names.ts";
import { generateBets } from "../../src/generate/generate-bets.ts";
import { MENS_NAMES, WOMENS_NAMES } from "../../src/generate/given-names.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { checkBet } from "../../src/lottery/check-bet.ts";

const one = 1 as AgencyId;
const many = [...generateBets({ seed: 42, agency: one, count: 20_000 })];
const share = (of: (bet: (typeof many)[number]) => boolean): number =>
  many.filter(of).length / many.length;

const documents = (seed: number, agency: number): string =>
  [...generateBets({ seed, agency: agency as AgencyId, count: 5 })]
    .map((bet) => bet.document)
    .join();

/** The mean year of birth of people with documents of that many million. */
const meanBirthYear = (million: number): number => {
  const near = many.filter((bet) => Math.floor(Number(bet.document) / 1e6) === million);
  return near.reduce((sum, bet) => sum + Number(bet.birthdate.slice(0, 4)), 0) / near.length;
};

describe("generateBets", () => {
  it("gives the same bets for the same seed, in every release", () => {
    const lines = encodeLines([...generateBets({ seed: 1, agency: one, count: 1000 })]);
    const digest = createHash("sha256").update(lines).digest("hex");
    assert.equal(digest, "a4e3b23f1d5743b4ecce6b232a73d45b724b7a5731db6187060204280fc52f46");
  });

  it("gives a larger count the same bets first", () => {
    assert.deepEqual([...generateBets({ seed: 42, agency: one, count: 50 })], many.slice(0, 50));
    assert.deepEqual([...generateBets({ seed: 42, agency: one, count: 0 })], []);
  });

  it("gives other bets for another seed or agency", () => {
    const all = [documents(1, 1), documents(2, 1), documents(1, 2), documents(2, 2)];
    assert.equal(new Set(all).size, 4);
  });

  it("makes bets only when asked", () => {
    const endless = generateBets({ seed: 1, agency: one, count: Infinity });
    assert.equal(endless.next().done, false);
  });

  it("makes only valid bets, of people who were born long ago", () => {
    for (const bet of many) assert.equal(checkBet(bet, 20080101), undefined);
  });

  it("draws numbers evenly from 0 to 9999", () => {
    const deciles = Array.from({ length: 10 }, () => 0);
    for (const { number } of many) {
      const decile = Math.floor(number / 1000);
      deciles[decile] = (deciles[decile] ?? 0) + 1;
    }
    // 2,000 each; the standard deviation is 42.
    for (const count of deciles) assert.ok(Math.abs(count - 2000) < 250, String(deciles));
    assert.ok(new Set(many.map((bet) => bet.number)).size > 8000);
  });

  it("gives documents of eight digits, mostly from 20 to 40 million, and rarely the same one twice", () => {
    assert.equal(
      share(({ document }) => /^\d{8}$/.test(document)),
      1,
    );
    assert.ok(share(({ document }) => Math.floor(Number(document) / 20_000_000) === 1) > 0.9);
    assert.ok(new Set(many.map((bet) => bet.document)).size > many.length * 0.998);
  });

  it("gives later documents to people born later", () => {
    assert.ok(Math.abs(meanBirthYear(20) - 1968.5) < 2);
    assert.ok(Math.abs(meanBirthYear(30) - 1983.5) < 2);
    assert.ok(Math.abs(meanBirthYear(39) - 1996.5) < 2);
    assert.ok(Math.abs(meanBirthYear(45) - 2004.5) < 2);
  });

  it("mixes people of one and of two given names, all of them from the lists", () => {
    const given = new Set([...WOMENS_NAMES, ...MENS_NAMES]);
    for (const { firstName } of many) {
      const names = firstName.split(" ");
      assert.equal(new Set(names).size, names.length, firstName);
      assert.ok(names.length <= 2 && names.every((name) => given.has(name)), firstName);
    }
    const two = share((bet) => bet.firstName.includes(" "));
    assert.ok(two > 0.65 && two < 0.85, String(two));
  });
});

describe("the lists of names", () => {
  it("are long, without repetition, and have the special letters of Argentine names", () => {
    assert.ok(WOMENS_NAMES.length + MENS_NAMES.length >= 120);
    assert.ok(FAMILY_NAMES.length >= 150);
    for (const list of [WOMENS_NAMES, MENS_NAMES, FAMILY_NAMES]) {
      assert.equal(new Set(list).size, list.length);
      for (const name of list) assert.equal(name, name.normalize("NFC").trim());
    }
    for (const special of ["ñ", "á", "é", "í", "ó", "ú", "ü", " ", "'"]) {
      assert.ok(
        FAMILY_NAMES.some((name) => name.includes(special)),
        special,
      );
    }
  });
});
