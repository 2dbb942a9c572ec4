import { Command } from "commander";
import { type Central, type CentralOptions, startCentral } from "../central/central.ts";
import type { OpenDraw } from "../central/draw-register.ts";
import type { CentralIdentity } from "../central/tls-door.ts";
import { unlessStopped } from "../central/unless-stopped.ts";
import type { CentralConfig } from "../config/central-config.ts";
import { CENTRAL_FILE, loadCentralConfig } from "../config/load-central.ts";
import { CENTRAL_SETTINGS } from "../config/settings.ts";
import { centralConfigured } from "../log/mandated-lines.ts";
import { Feed } from "../events/feed.ts";
import type { Identity } from "../identity/load-identity.ts";
import { logEvents } from "../log/central-log.ts";
import { createLogger } from "../log/create-logger.ts";
import { dialectNames, dialectsFor, disabledDialects } from "../protocols/dialects.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_SUCCESS, EXIT_USAGE } from "./exit-status.ts";
import type { DrawPlan } from "../lottery/draw-plan.ts";
import type { BetStore } from "../store/bet-store.ts";
import { nodeDisk } from "../stores/disk/node-disk.ts";
import { drawDirectory } from "../stores/ledger/draw-directory.ts";
import { readDrawFile } from "../stores/ledger/draw-file.ts";
import { storeWithoutBets } from "../stores/no-bets.ts";
import { drawsToTake } from "./draws-to-take.ts";
import { openStore } from "./open-store.ts";
import type { ServiceOptions } from "./operators-service.ts";
import { loadTimetable } from "./load-timetable.ts";
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
  readonly identity: CentralIdentity | undefined;
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
    const reloads = new Reloads();
    if (config.identity === undefined) events.publish({ kind: "identity-off" });
    // Before the files are read: what changes afterwards must not be missed.
    else signals.onReload(() => reloads.ask());
    const identity = await identityOf(config);
    const central = await open({ config: fitting, identity, events, stop });
    reloads.of(central);
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

/** Reloads of identities that a signal asks for, also before there is a central. */
class Reloads {
  #central: Central | undefined;
  #asked = false;

  ask(): void {
    this.#asked = this.#central === undefined;
    // What went wrong is in the log.
    this.#central?.reloadIdentity().catch(() => undefined);
  }

  of(central: Central): void {
    this.#central = central;
    if (this.#asked) this.ask();
  }
}

/** By what agencies prove who they are. @returns undefined when every peer is believed @throws ConfigError */
async function identityOf({ identity }: CentralConfig): Promise<CentralIdentity | undefined> {
  if (identity === undefined) return undefined;
  // Loaded only where it is needed: it takes a while.
  const { loadIdentity } = await import("../identity/load-identity.ts");
  const load = (): Promise<Identity> => loadIdentity(identity.files);
  return { loaded: await loadIdentity(identity.files, new Date()), load };
}

/** Opens the draws and listens. @returns a central that stops when `stop` aborts */
async function open({ config, identity, events, stop }: Start): Promise<Central> {
  stop.throwIfAborted();
  const startedAt = new Date();
  const timetable = await loadTimetable(config);
  let central: Central | undefined;
  // A store may fail while it is being opened, before there is a central.
  let failure: Error | undefined;
  const onFailure = (error: Error): void => {
    failure ??= error;
    central?.fail(error);
  };
  const openDraw = (plan: DrawPlan): Promise<BetStore> =>
    openStore({ config, plan, events, onFailure, signal: stop });
  const stores = await openStores(config, openDraw, stop);
  const started = await startCentral({
    config: { ...config, port: config.identity?.port ?? config.port },
    identity,
    ...stores,
    openDraw: config.store === "ledger" && config.mode === "lottery" ? openDraw : undefined,
    timetable,
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
  // A stop does not wait for it.
  await Promise.race([
    letOperatorsIn({ central: started, config, events, startedAt }, stop),
    started.stopped,
  ]);
  return started;
}

async function letOperatorsIn(service: ServiceOptions, stop: AbortSignal): Promise<void> {
  // An echo has neither draws nor a data folder.
  if (service.config.mode === "echo") return;
  // Loaded when agencies are served already: it takes as long as all the rest of a start.
  const { serveOperators } = await import("./operators-service.ts");
  if (stop.aborted) return;
  const door = await serveOperators(service);
  // Before the draws are let go: a successor must find the socket free when it has got them.
  const shut = (): void => void door?.close();
  void service.central.stopped.then(shut);
  if (stop.aborted) shut();
  else stop.addEventListener("abort", shut, { once: true });
}

/** Opens the stores that a central starts with; on an error or a stop, closes those that are open. */
async function openStores(
  config: CentralConfig,
  openDraw: OpenDraw,
  stop: AbortSignal,
): Promise<Pick<CentralOptions, "store" | "others">> {
  if (config.mode === "echo") return { store: storeWithoutBets() };
  const opened: BetStore[] = [];
  const opening = async (plan: DrawPlan): Promise<BetStore> => {
    const store = await unlessStopped(stop, openDraw(plan), (late) => late.close());
    opened.push(store);
    return store;
  };
  try {
    const told = toldPlan(config);
    if (told !== undefined) await expectTimeLeft(config, told);
    const store = told === undefined ? undefined : await opening(told);
    const others: BetStore[] = [];
    if (config.store === "ledger") {
      for (const plan of await drawsToTake(config.dataDir, told?.name)) {
        const store = await opening(plan);
        // A crash came before its first record: whoever wanted it opened must say so again.
        if ((await store.acts()).length === 0) await store.close();
        else others.push(store);
      }
    }
    return { store, others };
  } catch (error) {
    await Promise.allSettled(opened.map((store) => store.close()));
    throw error;
  }
}

/** A new draw whose time is over would be sealed at once, without a bet. @throws CommandFailure */
async function expectTimeLeft({ dataDir }: CentralConfig, plan: DrawPlan): Promise<void> {
  const { name, closesAtMs = Number.POSITIVE_INFINITY } = plan;
  if (closesAtMs > Date.now()) return;
  if ((await readDrawFile(nodeDisk, drawDirectory(dataDir, name))) !== undefined) return;
  throw new CommandFailure(
    `Cannot open draw ${name}: it would close at ${new Date(closesAtMs).toISOString()}, which has passed; set another SERVER_CLOSES_AT`,
    EXIT_USAGE,
  );
}

/** The draw that the configuration names. */
function toldPlan(config: CentralConfig): DrawPlan | undefined {
  const { draw: name, winningNumber, agencies, closesAtMs, secondOperator } = config;
  return name === undefined
    ? undefined
    : { name, winningNumber, agencies, closesAtMs, secondOperator };
}
