import { Command } from "commander";
import { type Central, startCentral } from "../central/central.ts";
import { unlessStopped } from "../central/unless-stopped.ts";
import type { CentralConfig } from "../config/central-config.ts";
import { CENTRAL_FILE, loadCentralConfig } from "../config/load-central.ts";
import { CENTRAL_SETTINGS } from "../config/settings.ts";
import { centralConfigured } from "../log/mandated-lines.ts";
import { Feed } from "../events/feed.ts";
import { logEvents } from "../log/central-log.ts";
import { createLogger } from "../log/create-logger.ts";
import { dialectNames, dialectsFor, disabledDialects } from "../protocols/dialects.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "./exit-status.ts";
import { openStore } from "./open-store.ts";
import { readPipe } from "./read-pipe.ts";
import { addSettings, type ParsedOptions, readFlags } from "./setting-options.ts";
import { addExamples } from "./examples.ts";
import type { Signals } from "./signals.ts";
import { checkMachine } from "./startup-checks.ts";
import { StopRequested } from "./stop-requested.ts";
import { report } from "./supervision.ts";

/** `quiniela central`: takes bets until it gets a signal to stop. */
export function centralCommand(signals: Signals): Command {
  return addExamples(
    addSettings(
      new Command("central").description(
        "take bets from agencies, make them durable, draw once, tell each agency its winners",
      ),
      CENTRAL_SETTINGS,
      "config.ini",
      dialectNames(),
    ).action((options: ParsedOptions) => central(options, signals)),
    [
      [
        "quiniela central --agencies 2 --data-dir ./my-draw/data",
        "Two agencies, and a folder for their draw",
      ],
      [
        "SERVER_MODE=echo quiniela central --port 12346",
        "Send every line back, as in exercises 1 to 4",
      ],
    ],
  );
}

async function central(options: ParsedOptions, signals: Signals): Promise<void> {
  const given = readFlags(CENTRAL_SETTINGS, options);
  const config = loadCentralConfig({
    ...given,
    fileBytes: await readPipe(given.file ?? CENTRAL_FILE),
    env: process.env,
    dialects: dialectNames(),
  });
  process.exitCode = await run(config, signals);
}

/** What the steps of a start need. */
interface Start {
  readonly config: CentralConfig;
  readonly events: Feed;
  /** Ends the start, also while it waits. */
  readonly stop: AbortSignal;
}

async function run(config: CentralConfig, signals: Signals): Promise<number> {
  const { stop } = signals;
  const logger = createLogger({
    side: "central",
    level: config.loggingLevel,
    format: config.logFormat,
  });
  const events = new Feed();
  const log = logEvents(events, logger);
  signals.logTo(logger);
  logger.log("debug", centralConfigured({ ...config, loggingLevel: config.loggingLevelText }));
  try {
    stop.throwIfAborted();
    const fitting = await unlessStopped(stop, checkMachine(config, events));
    const central = await open({ config: fitting, events, stop });
    report({ kind: "listening", port: central.address.port });
    const { reason } = await central.stopped;
    logger.log("info", { action: "end", result: reason === "stopped" ? "success" : "fail" });
    return reason === "stopped" ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (error) {
    if (!(error instanceof StopRequested)) throw error;
    // It was asked to stop before it listened: that is a success.
    logger.log("info", { action: "stop", result: "success", reason: error.message });
    logger.log("info", { action: "end", result: "success" });
    return EXIT_SUCCESS;
  } finally {
    log.close();
    await logger.close();
  }
}

/** Opens the store and listens. @returns a central that stops when `stop` aborts */
async function open({ config, events, stop }: Start): Promise<Central> {
  stop.throwIfAborted();
  let central: Central | undefined;
  // The store may fail while it is being opened, before there is a central.
  let failure: Error | undefined;
  const opening = openStore(
    config,
    {
      onFailure: (error) => {
        failure = error;
        central?.fail(error);
      },
      onTornTail: ({ file, offset, bytes }) => {
        events.publish({ kind: "tail-cut", file, offset, bytes });
      },
      onDelay: (delay) => {
        const { what } = delay;
        if (delay.kind === "over") events.publish({ kind: "work-resumed", what });
        else events.publish({ kind: "work-delayed", what, reason: delay.reason });
      },
      onPublication: (publication) => {
        if (publication.kind === "written") {
          events.publish({ kind: "draw-published", dir: publication.dir });
          report({ kind: "published" });
        } else {
          events.publish({ kind: "publication-deferred" });
        }
      },
    },
    stop,
  );
  const store = await unlessStopped(stop, opening, (late) => late.close());
  const started = await startCentral({
    config,
    store,
    dialects: dialectsFor(config),
    disabledDialects: disabledDialects(config),
    events,
    signal: stop,
  });
  central = started;
  if (failure !== undefined) started.fail(failure);
  const obey = (): void => void started.stop(String(stop.reason.message));
  if (stop.aborted) obey();
  else stop.addEventListener("abort", obey, { once: true });
  return started;
}
