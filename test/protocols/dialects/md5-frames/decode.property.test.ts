import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  encodeAgency,
  unfitForMd5Frames,
} from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { goodBet } from "../../../lottery/arbitrary-bets.ts";
import { seed, seedNote } from "../../../support/seed.ts";
import { AGENCY } from "../../plain-bets.ts";
import { frame, fromClient, identifierIn, md5, payloadIn } from "./codec.ts";
import { naiveLines } from "./naive-payload.ts";

/** Payloads that are bets, or nearly. */
const text = fc.constantFrom(
  ..."{ } | , : 0 7 a é".split(" "),
  ..." \n\t\u0000\u001c\u0085\u00a0\u1680\u2003\u2029\u202f\u205f\u3000\ufeff\u2030".split(""),
  "Ana",
  "1990-01-31",
  "agency:1",
);
const value = fc.array(text, { maxLength: 4 }).map((parts) => parts.join(""));
const key = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("nombre", "otra", " dni", "dni\u00a0", "numero ", "") },
  { weight: 1, arbitrary: fc.constantFrom("agency", "apellido", "nacimiento", "numer", "Dni") },
);
const KEYS = ["agency", "nombre", "apellido", "dni", "nacimiento", "numero"];
const part = fc.oneof(
  fc
    .tuple(fc.shuffledSubarray(KEYS, { minLength: 5 }), fc.array(value, { minLength: 6 }))
    .map(([keys, values]) => keys.map((each, index) => `${each}:${values[index]}`).join(",")),
  fc
    .tuple(fc.array(value, { minLength: 6, maxLength: 6 }), fc.array(fc.tuple(key, value)))
    .map(([values, more]) =>
      [...KEYS.map((each, index) => [each, values[index]]), ...more]
        .map(([each, said]) => `${each}:${said}`)
        .join(","),
    ),
  fc.array(fc.oneof(text, key), { maxLength: 12 }).map((parts) => parts.join("")),
);
const digits = fc.constantFrom("1", "01", "7574", "0", "00", "", "7 ", "-7", "2}");
/** What is read in one pass, or nearly. */
const usual = fc
  .tuple(digits, fc.array(fc.oneof(text, value), { minLength: 4, maxLength: 4 }), digits)
  .map((values) =>
    values
      .flat()
      .map((each, index) => `${KEYS[index]}:${each}`)
      .join(","),
  );
const payload = fc
  .array(
    fc
      .oneof(part, usual)
      .chain((inner) =>
        fc.constantFrom(`{${inner}}`, inner, ` {${inner}}\n`, `{{${inner} }}`, `\t{${inner}}`),
      ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join("|"));

/**
 * As {@link naiveLines} has it, whatever digits a line of another form is made of, and with `?` for
 * what the checker refuses as a document or a birthdate.
 */
function plain(lines: string): string {
  return lines.split("\r\n").map(plainLine).join("\n");
}

function plainLine(line: string): string {
  if (!/[,"]/.test(line)) return "?";
  return line.replace(
    /,([^,]*),([^,]*),(\d*)$/,
    (_end, document: string, birthdate: string, number: string) =>
      [
        "",
        /^\d*$/.test(document) ? document : "?",
        /^[\d-]*$/.test(birthdate) ? birthdate : "?",
        number,
      ].join(","),
  );
}

describe(`how md5-frames reads what is in a payload (${seedNote})`, () => {
  it("reads any payload as split and strip do", () => {
    fc.assert(
      fc.property(payload, fc.boolean(), (said, single) => {
        const [seen] = fromClient(frame(single ? 1 : 3, said));
        assert.ok(typeof seen === "object");
        assert.equal(plain(String(seen["lines"])), plain(naiveLines(said, !single)));
        assert.equal(seen["count"], single ? 1 : said.split("|").length);
      }),
      { seed, numRuns: 3000 },
    );
  });

  it("reads a part that follows another as it reads a first one", () => {
    const good = ["1", "Ana", "Paz", "309", "1990-01-31", "7"];
    const nearlyGood = fc
      .tuple(...good.map((each) => fc.oneof({ weight: 3, arbitrary: fc.constant(each) }, value)))
      .map((values) => `{${values.map((each, index) => `${KEYS[index]}:${each}`).join(",")}}`)
      .filter((said) => !said.includes("|"));
    fc.assert(
      fc.property(nearlyGood, (said) => {
        const [alone] = fromClient(frame(3, said));
        const [behind] = fromClient(frame(3, `x|${said}`));
        assert.ok(typeof alone === "object" && typeof behind === "object");
        assert.equal(String(behind["lines"]), `?\r\n${String(alone["lines"])}`);
      }),
      { seed, numRuns: 3000 },
    );
  });

  it("identifies every message by its payload", () => {
    const fit = goodBet(AGENCY).filter((bet) => unfitForMd5Frames(bet) === undefined);
    fc.assert(
      fc.property(fit, (bet) => {
        for (const bytes of [
          encodeAgency({ kind: "bet", bet }),
          encodeAgency({ kind: "batch", bets: [bet, bet] }),
          encodeAgency({ kind: "question", agency: bet.agency }),
        ]) {
          assert.deepEqual(identifierIn(bytes), md5(payloadIn(bytes)));
        }
      }),
      { seed },
    );
  });
});
