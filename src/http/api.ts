import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { Deed } from "../lottery/act.ts";
import { agencyId } from "../lottery/bet.ts";
import type { OperatorsErrorCode } from "./error-code.ts";
import { flawOf, type Operations, type Operator } from "../central/operations.ts";
import type { OpenVerdict } from "../central/draw-register.ts";
import { StoreError } from "../store/store-error.ts";
import {
  agencyShape,
  closeBody,
  drawShape,
  expectedAgencies,
  numberBody,
  openBody,
  plainBody,
} from "./shapes.ts";

/** What the interface tells of the central beside its draws. */
export interface ServiceStatus {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly address: { readonly address: string; readonly port: number };
  readonly connections: number;
  readonly dataDir: string;
  readonly disk: { readonly freeBytes: number; readonly bytes: number } | null;
}

export interface ApiOptions {
  readonly operations: Operations;
  readonly service: () => Promise<ServiceStatus>;
  /** Reads identity and timetable again [there is nothing to read]. */
  readonly reload?: (() => Promise<void>) | undefined;
}

const NOT_DONE: OperatorsErrorCode = "NOT_DONE";
/** So many agencies at most are in one answer. */
const PAGE_MAX = 10_000;
/** The longest body: a draw with a list of 100,000 agencies. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Why an act was refused: its code, and as an operator reads it. */
const REFUSALS: Readonly<
  Record<Extract<OpenVerdict, { kind: "refused" }>["why"], readonly [OperatorsErrorCode, string]>
> = {
  "not-open": ["NOT_OPEN", "the draw is not open any more"],
  "not-open-yet": ["NOT_OPEN_YET", "the draw is not open yet: until then it can only be cancelled"],
  "not-sealed": ["NOT_SEALED", "the draw is not sealed yet"],
  cancelled: ["CANCELLED", "the draw is cancelled"],
  "unknown-agency": ["UNKNOWN_AGENCY", "the draw has no such agency"],
  "number-known": ["NUMBER_KNOWN", "another number is known already, and stays"],
  "number-unknown": ["NUMBER_UNKNOWN", "nobody has told the number yet"],
  "not-proposed": [
    "NOT_PROPOSED",
    "two operators must tell the number, and none has: let the first one propose it",
  ],
  "same-operator": ["SAME_OPERATOR", "the second operator must be another one than the first"],
  "other-number": [
    "OTHER_NUMBER",
    "it is not the number that the first operator told: nothing was recorded",
  ],
  unsupported: ["UNSUPPORTED", "this store keeps no acts of operators: use SERVER_STORE=ledger"],
  "no-way": ["NO_WAY", "this central opens no draws while it runs: it needs SERVER_STORE=ledger"],
  "other-plan": [
    "OTHER_PLAN",
    "there is a draw of that name, and it was opened with other settings",
  ],
  "closes-in-past": ["CLOSES_IN_PAST", "its closing time has passed: it would be closed at once"],
};

/** The operators' interface of a central. Every answer is JSON; an error has `error` and `message`. */
export function operatorsApi({ operations, service, reload }: ApiOptions): Hono {
  const api = new Hono();
  const onError = (): never => {
    throw failure(413, "TOO_LARGE", `the body has more than ${BODY_BYTES_MAX} bytes`);
  };
  api.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError }));
  api.onError((error, c) => {
    if (error instanceof HTTPException) {
      return c.json({ error: codeOf(error), message: error.message }, error.status);
    }
    // Storage has failed or the central stops: it says more in its log.
    const code = error instanceof StoreError ? error.code : NOT_DONE;
    // This one lasts: the draw's directory is another draw's.
    const status = code === "DRAW_MISMATCH" ? 409 : 503;
    return c.json({ error: code, message: error.message }, status);
  });
  api.notFound((c) => c.json({ error: "NOT_FOUND", message: `there is no ${c.req.path}` }, 404));

  api.get("/api/v1/status", async (c) => {
    const draws = (await operations.draws()).map(drawShape);
    return c.json({ ...(await service()), current: operations.current ?? null, draws });
  });
  api.get("/api/v1/draws", async (c) => c.json((await operations.draws()).map(drawShape)));
  api.get("/api/v1/draws/:draw", async (c) => {
    const report = await operations.draw(c.req.param("draw"));
    return c.json(drawShape(report ?? noDraw(c.req.param("draw"))));
  });
  api.post("/api/v1/draws", async (c) => {
    const body = await parsed(openBody, c.req.raw);
    const { draw: name, winningNumber, closesAt, secondOperator, byOperator } = body;
    const plan = {
      name,
      winningNumber: winningNumber ?? undefined,
      agencies: expectedAgencies(body),
      closesAtMs: closesAt === undefined ? undefined : Date.parse(closesAt),
      secondOperator,
      byOperator,
    };
    return answer(await operations.open(plan, operatorOf(body)));
  });

  const act = async (name: string, deed: Deed, operator: Operator): Promise<Response> =>
    answer((await operations.act(name, deed, operator)) ?? noDraw(name));

  api.post("/api/v1/draws/:draw/close", async (c) => {
    const body = await parsed(closeBody, c.req.raw);
    const name = c.req.param("draw");
    const { missing, state } = (await operations.draw(name)) ?? noDraw(name);
    const now = missing.first.length + missing.more;
    // A close that is asked for again, because no answer came, is done already.
    if (state === "open" && now !== body.missing) {
      throw failure(
        409,
        "MISSING_CHANGED",
        `${now} agencies are not done now, not ${body.missing}`,
      );
    }
    return act(name, { kind: "close" }, operatorOf(body));
  });
  api.post("/api/v1/draws/:draw/cancel", async (c) => {
    const body = await parsed(plainBody, c.req.raw);
    return act(c.req.param("draw"), { kind: "cancel" }, operatorOf(body));
  });
  api.post("/api/v1/draws/:draw/number", async (c) => {
    const body = await parsed(numberBody, c.req.raw);
    const kind = body.propose ? "propose-number" : "tell-number";
    return act(c.req.param("draw"), { kind, number: body.number }, operatorOf(body));
  });
  api.post("/api/v1/draws/:draw/run", async (c) => {
    const body = await parsed(plainBody, c.req.raw);
    return act(c.req.param("draw"), { kind: "run" }, operatorOf(body));
  });

  api.get("/api/v1/draws/:draw/agencies", async (c) => {
    const name = c.req.param("draw");
    const after = whole(c.req.query("after") ?? "0", "after");
    const max = Math.min(whole(c.req.query("max") ?? "1000", "max"), PAGE_MAX);
    const reports = (await operations.agencies(name, after, max)) ?? noDraw(name);
    return c.json(reports.map(agencyShape));
  });
  api.get("/api/v1/draws/:draw/agencies/:agency", async (c) => {
    const { draw, agency } = c.req.param();
    const report = await operations.agency(draw, whole(agency, "agency"));
    return c.json(agencyShape(report ?? noAgency(draw, agency)));
  });
  api.post("/api/v1/draws/:draw/agencies/:agency/done", async (c) => {
    const { draw, agency } = c.req.param();
    const body = await parsed(plainBody, c.req.raw);
    const id = agencyId(whole(agency, "agency"));
    if (id === undefined) return noAgency(draw, agency);
    return act(draw, { kind: "close-out", agency: id }, operatorOf(body));
  });
  api.post("/api/v1/draws/:draw/agencies/:agency/disconnect", async (c) => {
    const { draw, agency } = c.req.param();
    const { by } = operatorOf(await parsed(plainBody, c.req.raw));
    const connections = operations.disconnect(draw, whole(agency, "agency"), by);
    return c.json({ result: "done", connections: connections ?? noAgency(draw, agency) });
  });
  api.post("/api/v1/reload", async (c) => {
    if (reload === undefined) {
      throw failure(409, "NOTHING_TO_RELOAD", "this central has no timetable and no identity");
    }
    try {
      await reload();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw failure(409, "NOT_RELOADED", `what was in effect stays: ${reason}`);
    }
    return c.json({ result: "done" });
  });
  return api;
}

function answer(verdict: OpenVerdict): Response {
  switch (verdict.kind) {
    case "done":
    case "already":
      return Response.json({ result: verdict.kind });
    case "busy": {
      const { retryAfterMs } = verdict;
      const message = `nothing was recorded: there is no room now, try again in ${retryAfterMs} ms`;
      return Response.json({ error: "BUSY", message, retryAfterMs }, { status: 503 });
    }
    case "refused": {
      const [error, message] = REFUSALS[verdict.why];
      return Response.json({ error, message }, { status: 409 });
    }
    default:
      return verdict satisfies never;
  }
}

function operatorOf({ operator, reason }: { operator: string; reason: string }): Operator {
  const asked = { by: operator, reason };
  const flaw = flawOf(asked);
  if (flaw !== undefined) throw failure(400, "INVALID", `${flaw.field} ${flaw.flaw}`);
  return asked;
}

/** @throws HTTPException for a body that is no such JSON */
async function parsed<Body extends z.ZodType>(
  schema: Body,
  request: Request,
): Promise<z.infer<Body>> {
  let value: unknown;
  try {
    value = await request.json();
  } catch {
    throw failure(400, "INVALID", "the body is no JSON");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw failure(400, "INVALID", z.prettifyError(result.error).replaceAll("\n", " "));
}

function whole(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw failure(400, "INVALID", `${what} is ${JSON.stringify(text)}, not a whole number`);
}

function noDraw(name: string): never {
  throw failure(404, "NO_SUCH_DRAW", `this central has no draw ${JSON.stringify(name)}`);
}

function noAgency(draw: string, agency: string): never {
  throw failure(404, "NO_SUCH_AGENCY", `draw ${draw} has no agency ${agency} here`);
}

function failure(
  status: ContentfulStatusCode,
  code: OperatorsErrorCode,
  message: string,
): HTTPException {
  return new HTTPException(status, { message, cause: code });
}

function codeOf({ cause }: HTTPException): string {
  return typeof cause === "string" ? cause : NOT_DONE;
}
