import { join } from "node:path";
import { ledgerSize } from "../measure/flushes.ts";
import { cpuSeconds, memoryOf } from "../measure/process-usage.ts";
import type { Comparison, Group, Measured, Row, Values } from "../row.ts";
import type { Stage } from "../stage.ts";
import { type RunningCentral, startCentral } from "./central.ts";
import { load, type LoadReport, notesOf } from "./load.ts";

export interface LoadShape {
  readonly dialect: string;
  readonly connections: number;
  readonly window: number;
  /** Keeps the connection, although the dialect's own clients open one for each message. */
  readonly keepConnection?: true;
  /** Batches per second, independent of how fast they are answered. */
  readonly rate?: number;
  /** Over TLS, with the certificates of this folder. */
  readonly tls?: string;
}

/** How long, and with which batches, everything is loaded. */
export interface Measure {
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly batch: number;
}

export type LogTo = "file" | "/dev/null";

/** The dialects that are measured. `native` is first, because the others are compared with it. */
export const DIALECTS = ["native", "fixed70", "colon-lines", "newline-fields", "tlv", "md5-frames"];
/** Clients of these dialects open a connection for each message: a cost of the network, not ours. */
const CONNECTION_A_MESSAGE = ["tlv", "md5-frames"];
/** Batches per second in the open loop. */
const RATES = [1000, 5000];
const PIPELINED: LoadShape = { dialect: "native", connections: 5, window: 32 };

/** Our central, loaded in every dialect. */
export function centralRows(measure: Measure): Row[] {
  const plain = DIALECTS.flatMap((dialect) => bothSizes({ dialect, window: 1 }));
  const kept = CONNECTION_A_MESSAGE.flatMap((dialect) =>
    bothSizes({ dialect, window: 1, keepConnection: true }),
  );
  return [...plain.slice(0, 2), PIPELINED, ...plain.slice(2), ...kept].map((shape) =>
    centralRow(measure, shape, {
      id: `central/${shape.dialect}/${shapeName(shape)}${shape.keepConnection === true ? "-kept" : ""}`,
      group: "central",
      title: `${shape.dialect}, ${describeConnections(shape)}`,
      against: {
        sink: `ceiling/sink/${shapeName(shape)}`,
        disk: `ceiling/append-direct/${batchesAtOnce(shape)}`,
        ...(shape.dialect === "native" ? {} : { base: `central/native/${shapeName(shape)}` }),
      },
    }),
  );
}

function bothSizes(shape: Omit<LoadShape, "connections">): LoadShape[] {
  return [5, 100].map((connections) => ({ ...shape, connections }));
}

function describeConnections(shape: LoadShape): string {
  if (!CONNECTION_A_MESSAGE.includes(shape.dialect)) return describeShape(shape);
  return shape.keepConnection === true
    ? `${describeShape(shape)}, kept`
    : `${shape.connections} peers, a connection a message`;
}

/** How long an answer takes when agencies send at a fixed rate, far below the maximum. */
export function latencyRows(measure: Measure): Row[] {
  return RATES.map((rate) =>
    centralRow(
      measure,
      { dialect: "native", connections: 100, window: 1, rate },
      {
        id: `latency/${rate}`,
        group: "latency",
        title: `native, 100 connections, ${rate.toLocaleString("en-US")} batches/s`,
        against: {},
      },
    ),
  );
}

/** The cost of a log line for each batch. */
export function loggingRows(measure: Measure): Row[] {
  return (["file", "/dev/null"] as const).flatMap((logTo) =>
    [5, 100].map((connections) =>
      centralRow(
        measure,
        { dialect: "native", connections, window: 1 },
        {
          id: `logging/${logTo === "file" ? "file" : "null"}/${connections}`,
          group: "logging",
          title: `INFO to ${logTo === "file" ? "a file" : logTo}, ${connections} connections`,
          against: { base: `central/native/${connections}` },
        },
        logTo,
      ),
    ),
  );
}

export function shapeName({ connections, window }: Omit<LoadShape, "dialect">): string {
  return window === 1 ? `${connections}` : `${connections}w${window}`;
}

export function describeShape({ connections, window }: Omit<LoadShape, "dialect">): string {
  return `${connections} connections${window === 1 ? "" : `, window ${window}`}`;
}

/** How many batches can be in one flush: 5 or 100, the sizes of the append loop. */
function batchesAtOnce({ connections, window }: LoadShape): number {
  return connections * window > 5 ? 100 : 5;
}

interface Named {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly against: Readonly<Partial<Record<Comparison, string>>>;
}

/** One shape of load on a new central. */
export function centralRow(measure: Measure, shape: LoadShape, named: Named, logTo?: LogTo): Row {
  return {
    ...named,
    run: async (stage) => {
      const central = await startCentral(stage, {
        // One agency more than the load has, so that the draw stays open.
        agencies: shape.connections + 1,
        ...(logTo === undefined ? {} : { log: { infoTo: await logPath(stage, logTo) } }),
      });
      const measured = await loadCentral(stage, central, measure, shape);
      await central.program.stop();
      return measured;
    },
  };
}

async function logPath(stage: Stage, logTo: LogTo): Promise<string> {
  return logTo === "file" ? join(await stage.folder(), "central.log") : logTo;
}

/** Warms a central up, then measures it. */
export async function loadCentral(
  stage: Stage,
  central: RunningCentral,
  { seconds, warmupSeconds, batch }: Measure,
  shape: LoadShape,
): Promise<Measured> {
  const run = { ...shape, port: central.port, batch };
  if (warmupSeconds > 0) await load(stage, { ...run, seconds: warmupSeconds, seed: 1 });
  const before = { cpu: cpuSeconds(central.pid), ledger: ledgerSize(central.drawDir) };
  const report = await load(stage, { ...run, seconds, seed: 2 });
  const cpu = cpuSeconds(central.pid) - before.cpu;
  const ledger = ledgerSize(central.drawDir);
  return {
    values: {
      ...reportValues(report),
      cpuUsPerBatch: (cpu / report.batches) * 1e6,
      batchesPerFlush: report.batches / (ledger.flushes - before.ledger.flushes),
      rssMaxBytes: memoryOf(central.pid).rssMaxBytes,
      diskBytesPerBet: (ledger.bytes - before.ledger.bytes) / report.bets,
    },
    detail: report,
    notes: notesOf(report),
  };
}

/** The values of a report, with the names that all rows use. */
export function reportValues(report: LoadReport): Values {
  return {
    betsPerSecond: report.betsPerSecond,
    batchesPerSecond: report.batchesPerSecond,
    clientCpuUsPerBatch: report.client.cpuUsPerBatch,
    p50Ms: report.latencyMs.p50,
    p99Ms: report.latencyMs.p99,
    p999Ms: report.latencyMs.p999,
    wireBytesPerBet: report.wireBytesOut / report.bets,
    refused: report.refused,
    errors: report.errors,
  };
}
