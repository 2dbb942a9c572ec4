import type { DoneClaim } from "../lottery/draw-book.ts";
import { sealByProof } from "../lottery/seal.ts";
import { closingVerified } from "../log/mandated-lines.ts";
import { type AgencyLink, LinkError } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import { type Position, positionOf, samePosition } from "./resume.ts";
import { withLink } from "./with-link.ts";

/** What the central has told at the draw. */
export interface ToldSeal {
  readonly draw: string;
  readonly seal: Uint8Array;
}

type Verdict =
  | { readonly kind: "holds" }
  | { readonly kind: "differs"; readonly reason: string }
  /** Nothing is proven, and nothing is wrong. */
  | { readonly kind: "unproven"; readonly reason: string };

const OLD_SEAL = "the seal of this draw is of the first form, which proves nothing to one agency";
/** How long an agency that gives up never tries to reach its central for this. */
const CHECK_WITHIN_MS = 120_000;
const NO_MESSAGE = "this dialect has no message for it";

/**
 * After the draw, checks that its seal has the chain head of the agency's last receipt, and says so in the log.
 * The winners have been told by then: this uses a connection of its own.
 *
 * @param claim what the receipts have: all batches and bets, and the last head
 * @throws AgencyError SEAL_DIFFERS, SEAL_UNPROVEN, GAVE_UP; the signal's reason
 */
export async function checkSeal(run: BetRun, told: ToldSeal, claim: DoneClaim): Promise<void> {
  const verdict = await find(run, told, claim);
  const { config, logger } = run;
  const seal = Buffer.from(told.seal).toString("hex");
  const about = { client_id: config.id, draw: told.draw, seal };
  if (verdict.kind === "holds") {
    logger.log("info", { ...closingVerified("success"), ...about });
    return;
  }
  const { reason } = verdict;
  const level = verdict.kind === "differs" ? "error" : "warning";
  logger.log(level, { ...closingVerified("fail"), ...about, reason });
  if (verdict.kind === "unproven") {
    // It must not look like success: a central could evade the check by saying that it does not know the question.
    throw new AgencyError(
      "SEAL_UNPROVEN",
      `Cannot verify the seal of draw ${told.draw}: ${reason}; the winners are told, and nothing shows that anything is wrong`,
    );
  }
  throw new AgencyError(
    "SEAL_DIFFERS",
    `Cannot trust the seal of draw ${told.draw}: ${reason}; keep the file of receipts, and ask the lottery for its files: quiniela verify --receipts finds the batch`,
  );
}

async function find(run: BetRun, told: ToldSeal, claim: DoneClaim): Promise<Verdict> {
  // The draw by its name: by now the central's current one may be another.
  const { retry } = run.config;
  const giveUpAfterMs = retry.giveUpAfterMs === 0 ? CHECK_WITHIN_MS : retry.giveUpAfterMs;
  const config = { ...run.config, draw: told.draw, retry: { ...retry, giveUpAfterMs } };
  const named = { ...run, config };
  try {
    return await withLink(named, (link) => ask(run, link, told, claim));
  } catch (error) {
    // A central that does not know the question, or serves the draw no more, proves nothing.
    if (error instanceof LinkError && error.code === "REFUSED") {
      return { kind: "unproven", reason: error.message };
    }
    // The winners are told: an agency that would wait for ever for its central does not wait for this.
    if (error instanceof AgencyError && error.code === "GAVE_UP" && retry.giveUpAfterMs === 0) {
      return { kind: "unproven", reason: error.message };
    }
    throw error;
  }
}

async function ask(
  { agency }: BetRun,
  link: AgencyLink,
  { draw, seal }: ToldSeal,
  claim: DoneClaim,
): Promise<Verdict> {
  if (link.sealShare === undefined) return { kind: "unproven", reason: NO_MESSAGE };
  const { standing } = link;
  if (standing !== undefined && !samePosition(positionOf(standing), positionIn(claim))) {
    return { kind: "differs", reason: "the central holds other batches now" };
  }
  // An agency that was closed out is never done for the central, which tells results only after a DONE.
  if (standing?.done !== true) await link.done(claim);
  const again = (await link.results())?.seal;
  if (again === undefined || Buffer.compare(again, seal) !== 0) {
    return { kind: "differs", reason: "the central has told two different seals" };
  }
  const { closedOut, proof } = await link.sealShare();
  if (proof === undefined) return { kind: "unproven", reason: OLD_SEAL };
  const proven = sealByProof(draw, { agency, ...claim, closedOut }, proof);
  return proven !== undefined && Buffer.compare(proven, seal) === 0
    ? { kind: "holds" }
    : { kind: "differs", reason: "it does not have the batches of the receipts" };
}

function positionIn({ batches, bets, head }: DoneClaim): Position {
  return { sequence: batches, bets, head };
}
