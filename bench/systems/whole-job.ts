import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ledgerSize } from "../measure/flushes.ts";
import { cpuSeconds, memoryOf } from "../measure/process-usage.ts";
import { cli, realData } from "../paths.ts";
import type { Row, Values } from "../row.ts";
import type { Program, Stage } from "../stage.ts";
import { cleanEnvironment, type RunningCentral, startCentral } from "./central.ts";
import { DIALECTS, type Measure } from "./central-rows.ts";
import { load, notesOf } from "./load.ts";
import { longOptions } from "./long-options.ts";
import { madeUpData } from "./made-up-data.ts";

const AGENCIES = 5;
/** Number of bets of five agencies, in the course's files and in the made-up ones. */
const BETS = 78_697;
const WHOSE_BETS = `${realData === undefined ? "made-up" : "the course's"} ${BETS.toLocaleString("en-US")} bets`;

/** A whole draw of the course's size: all bets of five agencies, their DONEs and winners. */
export function jobRows(measure: Measure): Row[] {
  return [encodedJob(measure), ...DIALECTS.map(agenciesJob)];
}

/** Measures the central alone: one process makes all agencies' messages before. */
function encodedJob({ batch }: Measure): Row {
  return {
    id: "job/encoded",
    group: "job",
    title: `${WHOSE_BETS} from quiniela bench, encoded before, native`,
    run: async (stage) => {
      const central = await startCentral(stage, { agencies: AGENCIES });
      const report = await load(stage, {
        port: central.port,
        dialect: "native",
        connections: AGENCIES,
        window: 1,
        batch,
        data: await agenciesData(stage),
        bets: "all",
        done: true,
      });
      const values = centralValues(central);
      await central.program.stop();
      const seconds = report.draw?.secondsFromConnect ?? Number.NaN;
      return {
        values: { ...values, firstConnectToLastWinnersMs: seconds * 1000 },
        detail: report,
        notes: notesOf(report),
      };
    },
  };
}

/**
 * Five agencies as real processes; each reads its file. Measures from the first connection, in the central's
 * log, to the last winners, in the agencies' logs: all use the same clock.
 */
function agenciesJob(dialect: string): Row {
  return {
    id: `job/${dialect}`,
    group: "job",
    title: `${WHOSE_BETS} from five agencies' processes, ${dialect}`,
    run: async (stage) => {
      const data = await agenciesData(stage);
      const logs = await stage.folder();
      const centralLog = join(logs, "central.log");
      const central = await startCentral(stage, {
        agencies: AGENCIES,
        log: { infoTo: centralLog, format: "json" },
      });
      const startedMs = performance.now();
      const agencies = Array.from({ length: AGENCIES }, (_, index) => {
        const id = index + 1;
        const log = join(logs, `agency-${id}.log`);
        const program = startAgency(stage, { id, port: central.port, data, dialect, log });
        return { program, log };
      });
      for (const { program } of agencies) await program.succeed();
      const processesMs = performance.now() - startedMs;
      const values = centralValues(central);
      await central.program.stop();
      const first = Math.min(...timesOf(centralLog, "accept_connections"));
      const last = Math.max(...agencies.flatMap(({ log }) => timesOf(log, "consulta_ganadores")));
      return { values: { ...values, firstConnectToLastWinnersMs: last - first, processesMs } };
    },
  };
}

function startAgency(
  stage: Stage,
  agency: { id: number; port: number; data: string; dialect: string; log: string },
): Program {
  const { id, port, data, dialect, log } = agency;
  return stage.startNode(cli, {
    name: `agency ${id}`,
    args: [
      "agency",
      ...longOptions({
        id,
        server: `127.0.0.1:${port}`,
        data: join(data, `agency-${id}.csv`),
        dialect,
        "log-format": "json",
      }),
    ],
    // Run it in a folder without a config.yaml.
    cwd: join(log, ".."),
    env: cleanEnvironment(),
    stdout: { file: log },
  });
}

async function agenciesData(stage: Stage): Promise<string> {
  return realData ?? (await madeUpData(stage));
}

function centralValues({ pid, drawDir }: RunningCentral): Values {
  return {
    centralCpuMs: cpuSeconds(pid) * 1000,
    rssMaxBytes: memoryOf(pid).rssMaxBytes,
    diskBytesPerBet: ledgerSize(drawDir).bytes / BETS,
  };
}

/** The times of this action's successes in a log, in milliseconds. */
function timesOf(path: string, action: string): number[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines
    .map((line) => JSON.parse(line) as { time: string; action: string; result: string })
    .filter((event) => event.action === action && event.result === "success")
    .map((event) => Date.parse(event.time));
}
