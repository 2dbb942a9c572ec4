import { z } from "zod";
import { type ActFields, shownActs, wordFlaw } from "../lottery/act.ts";
import { AGENCY_MAX, type AgencyId, NUMBER_MAX } from "../lottery/bet.ts";
import type { AgencyReport, DrawReport } from "../central/operations.ts";

// What goes over the wire of the operators' interface, in both directions: docs/draws.md.

/** A draw's name: as SERVER_DRAW. */
export const DRAW_NAME = /^(?!\.)[A-Za-z0-9._-]{1,64}$/;

const NAME_BYTES_MAX = 255;

const operator = {
  operator: z.string().describe("who asks for it"),
  reason: z.string().default("").describe("why; goes into the draw's records"),
};

const agency = z.int().min(1).max(AGENCY_MAX);
const agencyName = z.string().refine((name) => wordFlaw(name, NAME_BYTES_MAX) === undefined, {
  error: `a name has at most ${NAME_BYTES_MAX} bytes and no control characters`,
});
const winningNumber = z.int().min(0).max(NUMBER_MAX);

/** A body without anything but the operator. */
export const plainBody = z.strictObject(operator);

export const openBody = z.strictObject({
  ...operator,
  draw: z.string().regex(DRAW_NAME),
  agencies: z.union([
    z.int().min(1).max(100_000),
    z
      .array(z.strictObject({ agency, name: agencyName }))
      .min(1)
      .max(100_000)
      .refine((list) => new Set(list.map((one) => one.agency)).size === list.length, {
        error: "an agency is in the list twice",
      }),
  ]),
  winningNumber: winningNumber.nullable().describe("null: it is told after the seal"),
  closesAt: z.iso.datetime({ offset: true }).optional(),
  secondOperator: z.boolean().default(false),
  byOperator: z.boolean().default(false).describe("the draw waits for `draws run`"),
});

export const closeBody = z.strictObject({
  ...operator,
  missing: z
    .int()
    .min(0)
    .describe("how many agencies are not done, as the operator was shown: they are closed out"),
});

export const numberBody = z.strictObject({
  ...operator,
  number: winningNumber,
  propose: z.boolean().default(false).describe("the first of two operators tells it"),
});

export type OpenBody = z.infer<typeof openBody>;

/** The agencies of a body, which zod has checked. */
export function expectedAgencies({
  agencies,
}: OpenBody): number | readonly { agency: AgencyId; name: string }[] {
  if (typeof agencies === "number") return agencies;
  return agencies.map(({ agency, name }) => ({ agency: agency as AgencyId, name }));
}

/** A draw as JSON. Times are ISO dates; what is unknown is null. */
export interface DrawShape {
  readonly draw: string;
  readonly state: DrawReport["state"];
  readonly current: boolean;
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly agencies: number;
  readonly done: number;
  readonly closedOut: number;
  readonly connected: number;
  readonly batches: number;
  readonly bets: number;
  readonly missing: DrawReport["missing"];
  /** `told`: an operator tells it after the seal. */
  readonly number: "configured" | "told";
  readonly winningNumber: number | null;
  readonly secondOperator: boolean;
  readonly byOperator: boolean;
  readonly openedBy: string | null;
  readonly acts: readonly ActFields[];
}

export function drawShape({ plan, ...report }: DrawReport): DrawShape {
  const { state, current, agencies, done, closedOut, connected, batches, bets, missing } = report;
  const { secondOperator = false, byOperator = false, openedBy = null } = plan;
  return {
    draw: plan.name,
    state,
    current,
    opensAt: iso(report.opensAtMs),
    closesAt: iso(plan.closesAtMs),
    agencies,
    done,
    closedOut,
    connected,
    batches,
    bets,
    missing,
    number: plan.winningNumber === undefined ? "told" : "configured",
    winningNumber: report.winningNumber ?? null,
    secondOperator,
    byOperator,
    openedBy,
    acts: shownActs(report.acts),
  };
}

/** An agency as JSON. */
export interface AgencyShape extends Omit<AgencyReport, "name" | "lastSeenMs"> {
  readonly name: string | null;
  readonly lastSeen: string | null;
}

export function agencyShape({ name, lastSeenMs, ...report }: AgencyReport): AgencyShape {
  return { ...report, name: name ?? null, lastSeen: iso(lastSeenMs) };
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
