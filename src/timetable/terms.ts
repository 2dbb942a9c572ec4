import { AGENCY_MAX, agencyId, NUMBER_MAX } from "../lottery/bet.ts";
import type { PlannedAgencies, PlannedAgency } from "./planned-draw.ts";
import type { Field, Fields, YamlFields } from "./yaml-fields.ts";

/** The keys that an entry may have, and the top of the file as their defaults for all entries. */
export const TERM_KEYS = ["agencies", "number", "second_operator", "draw"] as const;
type TermKey = (typeof TERM_KEYS)[number];

/** Which agencies a draw waits for, and how it comes to its number and its result. */
export interface Terms {
  readonly agencies: PlannedAgencies | undefined;
  readonly number: number | typeof TOLD;
  readonly secondOperator: boolean;
  readonly byOperator: boolean;
}

/** An operator tells the number. */
export const TOLD = "told";

/** What holds where the file says nothing. */
export const FIRST_TERMS: Terms = {
  agencies: undefined,
  number: TOLD,
  secondOperator: false,
  byOperator: false,
};

/** A list has no limit of its own: a file cannot hold so many. */
export const AGENCIES_MAX = 100_000;

export const AGENCIES_ALLOWED = `a whole number from 1 to ${AGENCIES_MAX}, or a list such as [{ agency: 1, name: Kiosco Norte }]`;
const AGENCY_ALLOWED = "agency and name, as in { agency: 1, name: Kiosco Norte }";
const NAME_ALLOWED = "1 to 100 characters that can be printed, no space at either end";

/** Reads the terms in a map. @param defaults those that hold where the map says nothing */
export function readTerms(yaml: YamlFields, fields: Fields<TermKey>, defaults: Terms): Terms {
  const read = <T>(
    key: TermKey,
    parse: (text: string) => T | undefined,
    allowed: string,
  ): T | undefined => {
    const field = fields.get(key);
    return field && yaml.value(field, parse, allowed);
  };
  const agencies = fields.get("agencies");
  return {
    // Those that are wrong are reported where they stand; they are not missing.
    agencies: agencies ? (agenciesIn(yaml, agencies) ?? []) : defaults.agencies,
    number:
      read("number", asNumber, `${TOLD}, or a whole number from 0 to ${NUMBER_MAX}`) ??
      defaults.number,
    secondOperator:
      read("second_operator", choiceOf({ true: true, false: false }), "true or false") ??
      defaults.secondOperator,
    byOperator:
      read("draw", choiceOf({ "at-once": false, "by-operator": true }), "at-once or by-operator") ??
      defaults.byOperator,
  };
}

function agenciesIn(yaml: YamlFields, field: Field): PlannedAgencies | undefined {
  if (!yaml.isList(field)) return yaml.value(field, asCount, AGENCIES_ALLOWED);
  const agencies = new Map<number, PlannedAgency>();
  for (const item of yaml.list(field, AGENCIES_ALLOWED) ?? []) {
    const fields = yaml.map(item, ["agency", "name"], AGENCY_ALLOWED);
    if (fields === undefined) continue;
    const number = yaml.required(
      item,
      fields,
      "agency",
      asAgency,
      `a whole number from 1 to ${AGENCY_MAX}`,
    );
    const name = yaml.required(item, fields, "name", asName, NAME_ALLOWED);
    if (number === undefined || name === undefined) continue;
    if (agencies.has(number)) yaml.refuse(item, "once", `has agency ${number} twice`);
    agencies.set(number, { agency: number, name });
  }
  return [...agencies.values()];
}

function asCount(text: string): number | undefined {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= AGENCIES_MAX ? count : undefined;
}

function asNumber(text: string): number | typeof TOLD | undefined {
  if (text === TOLD) return TOLD;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : NUMBER_MAX + 1;
  return number <= NUMBER_MAX ? number : undefined;
}

function asAgency(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? agencyId(Number(text)) : undefined;
}

function asName(text: string): string | undefined {
  return /^(?!\s)[^\p{Cc}\p{Zl}\p{Zp}]{1,100}(?<!\s)$/u.test(text) ? text : undefined;
}

function choiceOf(
  choices: Readonly<Record<string, boolean>>,
): (text: string) => boolean | undefined {
  return (text) => (Object.hasOwn(choices, text) ? choices[text] : undefined);
}
