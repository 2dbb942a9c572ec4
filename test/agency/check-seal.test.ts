import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { receiptsFile } from "../../src/agency/receipts-file.ts";
import { runAgency } from "../../src/agency/run.ts";
import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import type { LogEvent, LogLevel } from "../../src/log/logger.ts";
import {
  type AgencyDialer,
  type AgencyLink,
  LinkError,
  type LinkResults,
  type LinkSealShare,
} from "../../src/protocols/agency-link.ts";
import { AGENCY_DIALERS } from "../../src/protocols/dialects.ts";
import type { SealProof } from "../../src/lottery/seal.ts";
import type { Standing } from "../../src/lottery/standing.ts";
import { tempDir } from "../support/temp-dir.ts";
import { memoryLogger } from "../support/memory-logger.ts";
import { sampleBets } from "./fake-central.ts";
import { CONFIG, writeBets } from "./harness.ts";
import { startRealCentral } from "./real-central.ts";

const BETS = sampleBets(20);
const WON = BETS.filter(({ number }) => number === 7574).map(({ document }) => document);

/** What the central, or somebody on the way, may do to its answers. */
interface Altered {
  readonly share?: (share: LinkSealShare) => LinkSealShare | Promise<LinkSealShare>;
  /** Of the connection on which the seal is shown. */
  readonly results?: (results: LinkResults) => LinkResults;
  /** Of the connection on which the seal is shown. */
  readonly standing?: (standing: Standing) => Standing;
  /** There is no central any more when the agency connects to check the seal. */
  /** It never gives up. */
  readonly patient?: boolean;
  readonly gone?: boolean;
}

interface Run {
  readonly outcome: AgencyOutcome;
  /** Of all lines of the log, in order. */
  readonly actions: readonly string[];
  /** The line of the check. */
  readonly line: LogEvent | undefined;
  readonly level: LogLevel | undefined;
  readonly dials: number;
}

const OTHER = Buffer.alloc(32, 0x0f);

/** The share with another proof. */
const changed =
  (change: (proof: SealProof) => SealProof) =>
  ({ proof, closedOut }: LinkSealShare): LinkSealShare => ({
    closedOut,
    proof: change(proof ?? assert.fail("no proof")),
  });

/** As an earlier version of the central does, which does not know the question. */
function refuse(): never {
  throw new LinkError("REFUSED", "UNKNOWN_TYPE");
}

/** A link with some answers altered. */
function alteredLink(link: AgencyLink, altered: Altered, dial: number): AgencyLink {
  const { share, results, standing } = altered;
  return new Proxy(link, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key === "sealShare" && share !== undefined) {
        return async () => share((await target.sealShare?.()) ?? assert.fail("no share"));
      }
      if (key === "results" && results !== undefined && dial > 1) {
        return async () => results((await target.results()) ?? assert.fail("no results"));
      }

      if (key === "standing" && standing !== undefined && dial > 1) {
        return standing(target.standing ?? assert.fail("no standing"));
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** An agency with receipts, at a real central that draws when it is done. */
async function run(
  t: TestContext,
  altered: Altered = {},
  stop: AbortController = new AbortController(),
): Promise<Run> {
  const real = await startRealCentral({ agencies: 1 });
  t.after(() => real.central.stop("the test is over"));
  const dir = await tempDir(t);
  const native = AGENCY_DIALERS.get("native") ?? assert.fail("no native");
  const logger = memoryLogger();
  let dials = 0;
  const dialer: AgencyDialer = {
    ...native,
    dial: async (context) => {
      dials++;
      if (altered.gone === true && dials > 1) throw new LinkError("CONNECT_FAILED", "gone");
      return alteredLink(await native.dial(context), altered, dials);
    },
  };
  let nowMs = 0;
  const dataFile = writeBets(dir, BETS);
  const path = join(dir, "receipts.csv");
  const outcome = await runAgency({
    config: {
      ...CONFIG,
      host: "127.0.0.1",
      port: real.central.address.port,
      dialect: "native",
      dataFile,
      receiptsFile: path,
      retry: { firstDelayMs: 100, delayMaxMs: 1000, giveUpAfterMs: altered.patient ? 0 : 5000 },
    },
    dialer,
    logger,
    receipts: receiptsFile({ path, dataFile }),
    signal: stop.signal,
    now: () => nowMs,
    sleep: (delayMs) => {
      nowMs += delayMs;
      return new Promise((resolve) => void setImmediate(resolve));
    },
  });
  const actions = logger.events.map(({ event }) => event.action);
  const [line] = logger.events.filter(({ event }) => event.action === "verificacion_cierre");
  return { outcome, actions, level: line?.level, line: line?.event, dials };
}

describe("an agency with receipts, after the draw", () => {
  it("says that the seal has its batches, after it has told its winners", async (t) => {
    const { outcome, line, actions, dials } = await run(t);
    assert.equal(outcome.kind, "success");
    assert.equal(line?.["result"], "success");
    assert.match(String(line?.["seal"]), /^[0-9a-f]{64}$/);
    assert.ok(actions.indexOf("consulta_ganadores") < actions.indexOf("verificacion_cierre"));
    assert.equal(dials, 2);
  });

  for (const [what, altered] of [
    [
      "another path",
      { share: changed(({ path, ...rest }) => ({ ...rest, path: [...path, OTHER] })) },
    ],
    ["another index", { share: changed((proof) => ({ ...proof, index: proof.index + 1 })) }],
    ["more agencies", { share: changed((proof) => ({ ...proof, agencies: 2, path: [OTHER] })) }],
    ["other acts", { share: changed((proof) => ({ ...proof, acts: { count: 1, head: OTHER } })) }],
    [
      "that it was closed out",
      { share: (share: LinkSealShare) => ({ ...share, closedOut: true }) },
    ],
    [
      "a standing with one batch less",
      { standing: (told: Standing) => ({ ...told, nextSequence: told.nextSequence - 1 }) },
    ],
    ["a standing with another head", { standing: (told: Standing) => ({ ...told, head: OTHER }) }],
    ["another seal than before", { results: (told: LinkResults) => ({ ...told, seal: OTHER }) }],
  ] as const) {
    it(`ends with SEAL_DIFFERS when it is shown ${what}, with its winners`, async (t) => {
      const { outcome, line, level, actions } = await run(t, altered);
      assert.equal(outcome.kind, "failed");
      assert.equal(outcome.error?.code, "SEAL_DIFFERS");
      assert.deepEqual([line?.["result"], level], ["fail", "error"]);
      assert.ok(actions.includes("consulta_ganadores"));
      assert.deepEqual(outcome.winners, WON);
    });
  }

  for (const [code, kind] of [
    ["CENTRAL_UNSOUND", "failed"],
    ["GAVE_UP", "failed"],
    ["stopped", "stopped"],
  ] as const) {
    it(`has told its winners when the check ends with ${code}`, async (t) => {
      const stop = new AbortController();
      const share = (shown: LinkSealShare): LinkSealShare => {
        if (code === "CENTRAL_UNSOUND") throw new LinkError(code, "no");
        stop.abort(new Error("enough"));
        stop.signal.throwIfAborted();
        return shown;
      };
      const { outcome, actions, line } = await run(t, { share, gone: code === "GAVE_UP" }, stop);
      assert.equal(outcome.kind, kind);
      assert.equal(outcome.error?.code, kind === "failed" ? code : undefined);
      assert.deepEqual(outcome.winners, kind === "failed" ? WON : undefined);
      assert.deepEqual(outcome.missing, kind === "failed" ? [] : ["seal"]);
      assert.ok(actions.includes("consulta_ganadores"));
      if (kind === "failed") assert.equal(line, undefined);
    });
  }

  it("takes nothing for wrong where nothing can be proven, and warns", async (t) => {
    const none = { closedOut: false, proof: undefined };
    for (const share of [() => none, refuse]) {
      const { outcome, line, level } = await run(t, { share });
      assert.equal(outcome.error?.code, "SEAL_UNPROVEN");
      assert.ok(outcome.winners !== undefined);
      assert.deepEqual([line?.["result"], level], ["fail", "warning"]);
      assert.match(String(line?.["reason"]), share === refuse ? /UNKNOWN_TYPE/ : /first form/);
    }
  });

  it("does not wait for ever for a central that is gone, when its winners are told", async (t) => {
    const { outcome, line, level } = await run(t, { gone: true, patient: true });
    assert.equal(outcome.error?.code, "SEAL_UNPROVEN");
    assert.deepEqual(outcome.winners, WON);
    assert.deepEqual([line?.["result"], level], ["fail", "warning"]);
  });

  it("asks again on another connection when one is lost", async (t) => {
    let asked = 0;
    const share = (shown: LinkSealShare): LinkSealShare => {
      if (++asked === 1) throw new LinkError("CONNECTION_LOST", "gone");
      return shown;
    };
    const { outcome, line, dials } = await run(t, { share });
    assert.equal(outcome.kind, "success");
    assert.equal(line?.["result"], "success");
    assert.equal(dials, 3);
  });
});
