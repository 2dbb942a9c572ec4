import { cpuSeconds, memoryOf } from "../measure/process-usage.ts";
import { benchProgram } from "../paths.ts";
import type { Row } from "../row.ts";
import { describeShape, type Measure, reportValues, shapeName } from "./central-rows.ts";
import { load, notesOf } from "./load.ts";

const SHAPES = [
  { connections: 5, window: 1 },
  { connections: 100, window: 1 },
  { connections: 5, window: 32 },
];

/** The network's ceiling: a server that acknowledges batches at once and does nothing with them. */
export function sinkRows(measure: Measure): Row[] {
  return SHAPES.map((shape) => ({
    id: `ceiling/sink/${shapeName(shape)}`,
    group: "ceilings",
    title: `ack-only sink, ${describeShape(shape)}`,
    run: async (stage) => {
      const sink = stage.startNode(benchProgram("sink"), {
        name: "the ack-only sink",
        args: [],
        channel: true,
      });
      const { port } = await sink.message("listening");
      const run = { ...shape, dialect: "native", port: Number(port), batch: measure.batch };
      if (measure.warmupSeconds > 0) {
        await load(stage, { ...run, seconds: measure.warmupSeconds, seed: 1 });
      }
      const before = cpuSeconds(sink.pid);
      const report = await load(stage, { ...run, seconds: measure.seconds, seed: 2 });
      const values = {
        ...reportValues(report),
        cpuUsPerBatch: ((cpuSeconds(sink.pid) - before) / report.batches) * 1e6,
        rssMaxBytes: memoryOf(sink.pid).rssMaxBytes,
      };
      await sink.stop();
      return { values, detail: report, notes: notesOf(report) };
    },
  }));
}
