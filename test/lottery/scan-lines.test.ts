import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agencyId, type AgencyId } from "../../src/lottery/bet.ts";
import { type Flaw, FLAWS } from "../../src/lottery/flaw.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { TODAY } from "./arbitrary-bets.ts";

const seven = agencyId(7) as AgencyId;
const good = "7,Santiago Lionel,Lorca,30904465,1999-03-17,2201\r\n";
const scan = (text: string, count = 1) => scanLines(Buffer.from(text), seven, count, TODAY);
const bytes = (latin1: string) => Buffer.from(latin1, "latin1");

describe("scanLines accepts", () => {
  const lines: Record<string, string> = {
    "a bet of the real files": good,
    accents: "7,Nicolás Ñandú,Agüero,30904465,1999-03-17,7574\r\n",
    "characters right after the C1 controls": "7,\u00a0ª,¿º,30904465,1999-03-17,1\r\n",
    emoji: "7,👩‍👧,𝓛orca,30904465,1999-03-17,1\r\n",
    "an empty last name": "7,Ana,,1,2000-01-01,0\r\n",
    "a quoted comma": '7,"Lorca, Ana","Paz, hija",1,2000-01-01,0\r\n',
    "doubled quotes": '7,"Ana ""la Tana""","""",1,2000-01-01,0\r\n',
    "quoted characters right after the C1 controls": '7,"ª,","º,",1,2000-01-01,0\r\n',
    "names of 255 bytes": `7,${"a".repeat(255)},${"ñ".repeat(127)}b,1,2000-01-01,0\r\n`,
    "a quoted name of 255 bytes": `7,"${'""'.repeat(254)},",P,1,2000-01-01,0\r\n`,
    "a rare name of 255 bytes": `7,ª${"a".repeat(253)},P,1,2000-01-01,0\r\n`,
    "the smallest document": "7,Ana,Paz,0,2000-01-01,0\r\n",
    "leading zeros in a document": "7,Ana,Paz,0000000001,2000-01-01,0\r\n",
    "the largest document": "7,Ana,Paz,4294967295,2000-01-01,0\r\n",
    "a leap day": "7,Ana,Paz,1,2024-02-29,0\r\n",
    "today as birthdate": "7,Ana,Paz,1,2026-11-20,0\r\n",
    "the first day there is": "7,Ana,Paz,1,0001-01-01,0\r\n",
    "the largest number": "7,Ana,Paz,1,2000-01-01,9999\r\n",
  };
  for (const [what, line] of Object.entries(lines)) {
    it(what, () => {
      assert.equal(scan(line), undefined);
      assert.equal(scan(good + line + good, 3), undefined);
    });
  }

  it("the largest agency", () => {
    const largest = agencyId(4_294_967_295) as AgencyId;
    const line = Buffer.from("4294967295,Ana,Paz,1,2000-01-01,0\r\n");
    assert.equal(scanLines(line, largest, 1, TODAY), undefined);
  });
});

describe("scanLines", () => {
  const flawed: readonly [string | Buffer, Flaw][] = [
    ["x,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyForm],
    [",Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyForm],
    ["0,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyForm],
    ["07,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyForm],
    [" 7,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyForm],
    ["4294967296,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyForm],
    ["1,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyOther],
    ["77,Ana,Paz,1,2000-01-01,0\r\n", FLAWS.agencyOther],
    ["7,,Paz,1,2000-01-01,0\r\n", FLAWS.firstNameEmpty],
    ['7,"",Paz,1,2000-01-01,0\r\n', FLAWS.firstNameEmpty],
    [`7,${"a".repeat(256)},Paz,1,2000-01-01,0\r\n`, FLAWS.firstNameLong],
    [`7,ª${"a".repeat(254)},Paz,1,2000-01-01,0\r\n`, FLAWS.firstNameLong],
    [`7,"${'""'.repeat(256)}",Paz,1,2000-01-01,0\r\n`, FLAWS.firstNameLong],
    ["7,A\tna,Paz,1,2000-01-01,0\r\n", FLAWS.firstNameControl],
    ["7,A\u001fna,Paz,1,2000-01-01,0\r\n", FLAWS.firstNameControl],
    ["7,A\rna,Paz,1,2000-01-01,0\r\n", FLAWS.firstNameControl],
    ["7,A\u007fna,Paz,1,2000-01-01,0\r\n", FLAWS.firstNameControl],
    ["7,A\u0080na,Paz,1,2000-01-01,0\r\n", FLAWS.firstNameControl],
    ['7,"A,\u009f",Paz,1,2000-01-01,0\r\n', FLAWS.firstNameControl],
    ['7,"A\r\nna",Paz,1,2000-01-01,0\r\n', FLAWS.firstNameControl],
    [bytes("7,\xff,Paz,1,2000-01-01,0\r\n"), FLAWS.firstNameEncoding],
    [bytes("7,\xc0\xaf,Paz,1,2000-01-01,0\r\n"), FLAWS.firstNameEncoding],
    [bytes("7,\xed\xa0\x80,Paz,1,2000-01-01,0\r\n"), FLAWS.firstNameEncoding],
    ['7,A"na,Paz,1,2000-01-01,0\r\n', FLAWS.firstNameQuotes],
    ['7,"Ana",Paz,1,2000-01-01,0\r\n', FLAWS.firstNameQuotes],
    ['7,"Lorca, Ana"x,Paz,1,2000-01-01,0\r\n', FLAWS.firstNameQuotes],
    ['7,"Lorca, Ana"xPaz,1,2000-01-01,0\r\n', FLAWS.columns],
    ['7,Ana,"Paz, Sr"x1,2000-01-01,0\r\n', FLAWS.columns],
    [`7,Ana,${"a".repeat(256)},1,2000-01-01,0\r\n`, FLAWS.lastNameLong],
    ["7,Ana,P\u0001z,1,2000-01-01,0\r\n", FLAWS.lastNameControl],
    [bytes("7,Ana,P\xc2,1,2000-01-01,0\r\n"), FLAWS.lastNameEncoding],
    ['7,Ana,"Paz",1,2000-01-01,0\r\n', FLAWS.lastNameQuotes],
    ['7,Ana,"",1,2000-01-01,0\r\n', FLAWS.lastNameQuotes],
    ["7,Ana,Paz,,2000-01-01,0\r\n", FLAWS.documentForm],
    ["7,Ana,Paz,12345678901,2000-01-01,0\r\n", FLAWS.documentForm],
    ["7,Ana,Paz,1.5,2000-01-01,0\r\n", FLAWS.documentForm],
    ["7,Ana,Paz,-1,2000-01-01,0\r\n", FLAWS.documentForm],
    ['7,Ana,Paz,"1",2000-01-01,0\r\n', FLAWS.documentForm],
    [bytes("7,Ana,Paz,1\xff,2000-01-01,0\r\n"), FLAWS.documentForm],
    ["7,Ana,Paz,4294967296,2000-01-01,0\r\n", FLAWS.documentLarge],
    ["7,Ana,Paz,1,,0\r\n", FLAWS.birthdateForm],
    ["7,Ana,Paz,1,2000-1-1,0\r\n", FLAWS.birthdateForm],
    ["7,Ana,Paz,1,01/01/2000,0\r\n", FLAWS.birthdateForm],
    ["7,Ana,Paz,1,2000-01-01 ,0\r\n", FLAWS.birthdateForm],
    ["7,Ana,Paz,1,0000-01-01,0\r\n", FLAWS.birthdateUnreal],
    ["7,Ana,Paz,1,2000-13-01,0\r\n", FLAWS.birthdateUnreal],
    ["7,Ana,Paz,1,2023-02-29,0\r\n", FLAWS.birthdateUnreal],
    ["7,Ana,Paz,1,2000-04-31,0\r\n", FLAWS.birthdateUnreal],
    ["7,Ana,Paz,1,2026-11-21,0\r\n", FLAWS.birthdateFuture],
    ["7,Ana,Paz,1,2000-01-01,\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,07\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,10000\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,-1\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,1x\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,1\r\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,1\rx\r\n", FLAWS.numberForm],
    ["7,Ana,Paz,1,2000-01-01,1\n", FLAWS.lineEnd],
    ["7,Ana,Paz,1,2000-01-01,1", FLAWS.lineEnd],
    ["7,Ana,Paz,1,2000-01-01,1\r", FLAWS.lineEnd],
    ["\r\n", FLAWS.columns],
    ["7,Ana,Paz,1,2000-01-01\r\n", FLAWS.columns],
    ["7,Ana,Paz,1,2000-01-01,0,0\r\n", FLAWS.columns],
    ['7,"Ana,Paz,1,2000-01-01,0\r\n', FLAWS.columns],
    ['7,"', FLAWS.columns],
    ["7", FLAWS.columns],
    ["", FLAWS.missing],
  ];
  for (const [line, flaw] of flawed) {
    const bytes = Buffer.from(line as string);
    it(`reports "${flaw.field} ${flaw.reason}" for ${JSON.stringify(bytes.toString("latin1").slice(0, 40))}`, () => {
      assert.deepEqual(scanLines(bytes, seven, 1, TODAY), { ...flaw, index: 0 });
      const third = Buffer.concat([Buffer.from(good + good), bytes]);
      assert.deepEqual(scanLines(third, seven, 3, TODAY), { ...flaw, index: 2 });
    });
  }

  it("checks every character of a birthdate", () => {
    // With these digits a character after 9 could count as ten: 1900-0:-01 must not pass for
    // October.
    const birthdate = "1900-01-01";
    for (let at = 0; at < birthdate.length; at++) {
      // The neighbours of the digits and of the dash, and bytes whose low bits look like digits.
      for (const wrong of "/:.,? pÿ") {
        const spoiled = birthdate.slice(0, at) + wrong + birthdate.slice(at + 1);
        const flaw = wrong === "," ? FLAWS.columns : FLAWS.birthdateForm;
        assert.deepEqual(scan(`7,Ana,Paz,1,${spoiled},0\r\n`), { ...flaw, index: 0 }, spoiled);
      }
    }
  });

  it("reports the first bad bet, whatever comes after it", () => {
    const bad = "7,Ana,Paz,x,2000-01-01,0\r\n";
    assert.deepEqual(scan(good + bad + bad, 3), { ...FLAWS.documentForm, index: 1 });
    const notUtf8After = Buffer.concat([Buffer.from(bad), bytes("7,\xff,Paz,1,2000-01-01,0\r\n")]);
    assert.deepEqual(scanLines(notUtf8After, seven, 2, TODAY), {
      ...FLAWS.documentForm,
      index: 0,
    });
  });

  it("reports fewer or more bets than the count", () => {
    assert.deepEqual(scan(good, 2), { ...FLAWS.missing, index: 1 });
    assert.deepEqual(scan(good + good, 1), { ...FLAWS.surplus, index: 1 });
    assert.deepEqual(scan(`${good}7`, 1), { ...FLAWS.surplus, index: 1 });
  });
});
