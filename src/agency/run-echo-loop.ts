import { answerFailed, answerReceived, loopFinished, loopTimedOut } from "../log/mandated-lines.ts";
import { echoMessage } from "../protocols/dialects/echo/message.ts";
import { AgencyError } from "./agency-error.ts";
import type { AgencyRun } from "./agency-run.ts";
import { exchangeLine } from "./exchange-line.ts";
import { retry } from "./retry.ts";

/**
 * The exercise's client: sends messages one by one, each on its own connection, with a pause after each. It
 * ends after `loop.amount` messages or, like the exercise's older client, before the first message that
 * would come after `loop.lapse`.
 *
 * @throws AgencyError ECHO_FAILED at the first message that does not come back as it was sent
 */
export async function runEchoLoop(run: AgencyRun): Promise<void> {
  const { config, logger, signal } = run;
  const { loopLapse } = config;
  const startedMs = run.now();
  for (let number = 1; number <= config.loopAmount; number++) {
    if (loopLapse !== undefined && run.now() - startedMs >= loopLapse.ms) {
      logger.log("info", loopTimedOut(config.id, loopLapse.text));
      break;
    }
    await echoOnce(run, echoMessage(config.id, number));
    // Pause after the last message too: the exercise's own log shows that.
    await run.sleep(config.loopPeriodMs, signal);
  }
  logger.log("info", loopFinished(config.id));
}

async function echoOnce(run: AgencyRun, message: string): Promise<void> {
  const { config, logger, signal } = run;
  const connection = await retry(run, () => run.connect(signal));
  const closed = new Promise<void>((resolve) => {
    connection.once("close", () => resolve());
  });
  try {
    const timeoutMs = config.answerTimeoutMs;
    const answer = await exchangeLine(connection, message, { timeoutMs, signal });
    if (answer !== message) throw new Error(`another message came back: ${answer}`);
    logger.log("info", answerReceived(config.id, answer));
  } catch (cause) {
    if (signal.aborted) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    logger.log("error", answerFailed(config.id, reason));
    throw new AgencyError("ECHO_FAILED", `Cannot echo ${message}: ${reason}`, { cause });
  } finally {
    connection.destroy();
    await closed;
    logger.log("info", { action: "close_connection", result: "success", client_id: config.id });
  }
}
