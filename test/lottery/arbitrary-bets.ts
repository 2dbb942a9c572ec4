import * as fc from "fast-check";
import { AGENCY_MAX, type AgencyId, type Bet, DOCUMENT_MAX } from "../../src/lottery/bet.ts";

/** The day that is today in these tests. */
export const TODAY = 20261120;

/** Characters that CSV, UTF-8 and name checks treat specially, and some that they must not. */
const unit = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."aeiouAEIOUñÑáéíóúüÜ '-.".split("")) },
  { weight: 2, arbitrary: fc.constantFrom('"', ",", '""', ";", "\t") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\u00a0", "º", "´", "\ufeff", "\u2028", "𝓐", "👩‍👧", "¿"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 3 }) },
);

/** Any well-formed text, with control characters. */
export const anyText = fc.oneof(
  fc.string({ unit, maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("\r", "\n", "\r\n", "a\r\nb", "\u0000", "\u007f", "\u0080", "\u009f", "\u00a0"),
  fc.string({ unit, minLength: 60, maxLength: 300 }),
);

const name = (bytesMin: number): fc.Arbitrary<string> =>
  anyText.filter((text) => {
    const bytes = Buffer.byteLength(text);
    return bytes >= bytesMin && bytes <= 255 && !/\p{Cc}/u.test(text);
  });

const document = fc.oneof(
  fc.integer({ min: 20_000_000, max: 40_000_000 }).map(String),
  fc.integer({ min: 0, max: DOCUMENT_MAX }).map((value) => String(value).padStart(10, "0")),
  fc.integer({ min: 0, max: 99 }).map(String),
  fc.constantFrom("0", "0000000000", "4294967295"),
);

const birthdate = fc
  .oneof(
    fc.date({ min: new Date("1930-01-01"), max: new Date("2026-11-20"), noInvalidDate: true }),
    fc.date({ min: new Date("0001-01-01"), max: new Date("2026-11-20"), noInvalidDate: true }),
    fc.constantFrom(new Date("2000-02-29"), new Date("2024-02-29"), new Date("2026-11-20")),
  )
  .map((date) => date.toISOString().slice(0, 10));

const number = fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constantFrom(0, 7574, 574, 4, 9999));

export const anyAgency = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: AGENCY_MAX }),
) as fc.Arbitrary<AgencyId>;

/** Bets that every check must accept. */
export const goodBet = (agency: AgencyId): fc.Arbitrary<Bet> =>
  fc.record(
    {
      agency: fc.constant(agency),
      firstName: name(1),
      lastName: name(0),
      document,
      birthdate,
      number,
    },
    { noNullPrototype: true },
  );

/** A valid bet in which one field was replaced by any value of its type. */
export const spoiledBet = (agency: AgencyId): fc.Arbitrary<Bet> => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789".split("")), maxLength: 12 });
  const dateLike = fc
    .tuple(fc.nat(2100), fc.nat(14), fc.nat(33))
    .map(([y, m, d]) => [pad(y, 4), pad(m, 2), pad(d, 2)].join("-"));
  const anyNumber = fc.oneof(
    fc.integer({ min: -2, max: 10_001 }),
    fc.integer({ min: AGENCY_MAX - 1, max: AGENCY_MAX + 2 }),
    fc.double(),
  );
  return fc
    .tuple(
      goodBet(agency),
      fc.oneof(
        fc.record({ agency: anyNumber as fc.Arbitrary<AgencyId> }),
        fc.record({ firstName: anyText }),
        fc.record({ lastName: anyText }),
        fc.record({ document: fc.oneof(anyText, digits) }),
        fc.record({ birthdate: fc.oneof(anyText, dateLike) }),
        fc.record({ number: anyNumber }),
      ),
    )
    .map(([bet, spoiled]) => ({ ...bet, ...spoiled }));
};

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");
