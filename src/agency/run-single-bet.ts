import { betSent } from "../log/mandated-lines.ts";
import type { Bet } from "../lottery/bet.ts";
import { encodeLines } from "../lottery/canonical-line.ts";
import { nextHead } from "../lottery/chain.ts";
import { checkBet } from "../lottery/check-bet.ts";
import { FIRST_STANDING, type Standing } from "../lottery/standing.ts";
import {
  type AgencyLink,
  type Answer,
  LinkError,
  type OutgoingBatch,
} from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import { busyPauseMs } from "./backoff.ts";
import { RefusedByEnd } from "./refused-by-end.ts";
import { withLink } from "./with-link.ts";
import { plural } from "../lottery/plural.ts";

/**
 * Sends one bet. It is stored exactly once, also when connections are lost meanwhile.
 *
 * @throws AgencyError, LinkError when the central does not hold the bet, or it is not known
 */
export async function runSingleBet(run: BetRun, bet: Bet): Promise<void> {
  const { logger, onProgress } = run;
  const phase = { bytesRead: 0, fileBytes: 0, bets: 0, betsTotal: 1, batches: 0 };
  onProgress({ ...phase, phase: "connecting" });
  try {
    checkSendable(run, bet);
    const sender = new SingleBetSender(run, bet);
    await withLink(run, (link) => sender.send(link));
  } catch (error) {
    if (!run.signal.aborted && (error instanceof AgencyError || error instanceof LinkError)) {
      logger.log("error", {
        ...betSent(bet.document, bet.number),
        result: "fail",
        error: error.message,
      });
    }
    throw error;
  }
  logger.log("info", betSent(bet.document, bet.number));
  onProgress({ ...phase, bets: 1, batches: 1, phase: "finished" });
}

function checkSendable({ config, dialer, today }: BetRun, bet: Bet): void {
  const flaw = config.badRow === "stop" ? checkBet(bet, today()) : undefined;
  const reason = flaw ?? dialer.unfit?.(bet);
  if (reason === undefined) return;
  throw new AgencyError("BETS_REFUSED", `Cannot send the bet: ${reason.field} ${reason.reason}`);
}

/** Remembers across connections the agency's standing when the bet was last sent. */
class SingleBetSender {
  readonly #run: BetRun;
  readonly #bet: Bet;
  readonly #lines: Buffer;
  readonly #refusedByEnd = new RefusedByEnd();
  #sentAt: { readonly before: Standing; readonly head: Buffer } | undefined;

  constructor(run: BetRun, bet: Bet) {
    this.#run = run;
    this.#bet = bet;
    this.#lines = encodeLines([bet]);
  }

  /** Resolves when the central holds the bet. */
  async send(link: AgencyLink): Promise<void> {
    if (this.#arrived(link)) return;
    const before = link.standing ?? FIRST_STANDING;
    const sequence = before.nextSequence;
    const head = nextHead(before.head, sequence, 1, this.#lines);
    const batch: OutgoingBatch = { sequence, bets: [this.#bet], lines: this.#lines };
    for (;;) {
      this.#sentAt = { before, head };
      const answer = await this.#sendTo(link, batch);
      switch (answer.kind) {
        case "accepted":
          if (answer.head !== undefined && Buffer.compare(answer.head, head) !== 0) {
            throw unsound("its chain head is not that of the bet sent");
          }
          return;
        case "rejected":
          throw new AgencyError(
            "BETS_REFUSED",
            `The central refused the bet: ${answer.code}, ${[answer.field, answer.reason].filter(Boolean).join(" ")}`,
          );
        case "busy":
          await this.#run.sleep(
            busyPauseMs(answer.retryAfterMs, this.#run.random),
            this.#run.signal,
          );
          break;
        case "skipped":
          throw unsound("the bet is skipped although no batch was sent before it");
      }
    }
  }

  async #sendTo(link: AgencyLink, batch: OutgoingBatch): Promise<Answer> {
    try {
      return await link.sendSingle(batch);
    } catch (error) {
      if (link.standing === undefined) this.#refusedByEnd.note(error, "the bet");
      throw error;
    }
  }

  /** Whether the bet that was sent before the connection was lost is stored. */
  #arrived({ standing, chainKnown }: AgencyLink): boolean {
    // In dialects without a standing the central recognises a repeated bet: send it again.
    if (this.#sentAt === undefined || standing === undefined) return false;
    const { before, head } = this.#sentAt;
    const more = standing.bets - before.bets;
    if (more === 0) return false;
    const stored = more === 1 && (!chainKnown || Buffer.compare(standing.head, head) === 0);
    if (stored) return true;
    throw new AgencyError(
      "BET_UNCERTAIN",
      `Cannot tell whether the bet was stored: the central holds ${plural(standing.bets, "bet")} of this agency where ${before.bets} or ${before.bets + 1} were expected; look the bet up with quiniela export`,
    );
  }
}

function unsound(what: string): LinkError {
  return new LinkError("CENTRAL_UNSOUND", `Cannot trust the central: ${what}`);
}
