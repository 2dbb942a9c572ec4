import { join } from "node:path";
import type { Random } from "../../src/generate/random.ts";
import { castOf, partEnvironment } from "../blackbox/dialects/cast.ts";
import { freePort } from "../blackbox/free-port.ts";
import { ProcessShow } from "../blackbox/process-stage.ts";
import { openRecordingProxy } from "../blackbox/recording-proxy.ts";
import type { Evidence } from "../checker/evidence.ts";
import { readDrawFiles } from "../checker/read-draw-files.ts";
import { cutLines, type MarkedBets, markedBets } from "./marked-bets.ts";
import { Lookout } from "./moments.ts";
import { RawAgency } from "./raw-agency.ts";
import { type ProgramWitness, stormEvidence } from "./storm-evidence.ts";

export interface StormScene {
  /** The dialects of the five agencies that are programs, taken in turns. */
  readonly dialects: readonly string[];
  readonly betsEach: number;
  /** The bets of the agency in this process: how many, or which. */
  readonly rawBets: number | RawBets;
  readonly random: Random;
  /** The central's data folder, if it is not in the folder of the show. */
  readonly dataDir?: string;
}

export interface RawBets {
  readonly bets: Pick<MarkedBets, "lines" | "markers">;
  readonly batchBets: number;
  /** Unanswered batches at a time. */
  readonly window: number;
}

/** Winning bets of the programs. */
const WINNERS = [1, 2, 0, 3, 40] as const;
const RAW_WINNERS = 17;
/** The number of the agency in this process: the last one. */
export const RAW_AGENCY: number = WINNERS.length + 1;

/**
 * A central, five agencies that are programs, each with a recording proxy, and a sixth agency in
 * this process that says DONE last.
 */
export interface StormStage {
  readonly show: ProcessShow;
  readonly lookout: Lookout;
  readonly programs: readonly ProgramWitness[];
  readonly raw: RawAgency;
  /** The draw's directory. */
  readonly drawDir: string;
  /** Everything that is known at this moment. */
  evidence(end: Pick<Evidence, "over" | "drawMayBeToldAgain">): Evidence;
  close(): Promise<void>;
}

export async function openStormStage(scene: StormScene): Promise<StormStage> {
  const { random } = scene;
  const cast = castOf(WINNERS.length, scene.dialects);
  const port = await freePort();
  let lookout: Lookout | undefined;
  const proxies = await Promise.all(
    cast.map(() => openRecordingProxy(port, { onBytes: (bytes) => lookout?.addBytes(bytes) })),
  );
  const programs = cast.map(({ dialect }, index) => ({
    service: `client${index + 1}`,
    part: { dialect, batchBets: 2 + random.below(6) },
    bets: markedBets(index + 1, scene.betsEach - random.below(20), WINNERS[index] ?? 0),
    recordings: proxies[index]?.recordings ?? [],
  }));
  const parts = partEnvironment(programs.map(({ part }) => part));
  const plan = {
    mode: "lottery",
    clients: programs.length + 1,
    data: programs.map(({ bets }) => bets.content),
  } as const;
  const show = new ProcessShow(plan, port, {
    environment: (service) => {
      const proxy = proxies[programs.findIndex((program) => program.service === service)];
      if (proxy === undefined)
        return scene.dataDir === undefined ? {} : { SERVER_DATA_DIR: scene.dataDir };
      const address = `127.0.0.1:${proxy.port}`;
      return { ...parts(service), CLI_SERVER_ADDRESS: address, CLI_LOG_LEVEL: "DEBUG" };
    },
  });
  const watching = new Lookout(show.feed);
  lookout = watching;
  const { bets, batchBets, window } =
    typeof scene.rawBets === "number"
      ? { bets: markedBets(RAW_AGENCY, scene.rawBets, RAW_WINNERS), batchBets: 2, window: 4 }
      : scene.rawBets;
  const batches = cutLines(bets.lines, batchBets);
  const raw = new RawAgency({ agency: RAW_AGENCY, port, batches, window });
  raw.onAnswer = () => watching.look();
  const drawDir = join(scene.dataDir ?? (await show.serverData()), "1");
  return {
    show,
    lookout: watching,
    programs,
    raw,
    drawDir,
    evidence: (end) =>
      stormEvidence({
        feed: show.feed,
        programs,
        raw,
        rawMarkers: bets.markers,
        files: readDrawFiles(drawDir),
        ...end,
      }),
    async close() {
      watching.close();
      raw.stop();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
