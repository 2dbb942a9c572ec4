import { memoryOf } from "../measure/process-usage.ts";
import { readProc } from "../measure/proc.ts";
import { benchProgram } from "../paths.ts";
import { type Row, Skipped } from "../row.ts";
import { startCentral } from "./central.ts";
import { loadCentral, type Measure } from "./central-rows.ts";

const BUSY = 100;
/** More descriptors than a central needs besides its connections. */
const OTHER_DESCRIPTORS = 200;

/** Busy agencies beside thousands that have connected and greeted, and are silent. */
export function idleRows(measure: Measure, counts: readonly number[]): Row[] {
  return counts.map((idle) => ({
    id: `connections/${idle}`,
    group: "connections",
    title: `${BUSY} busy, ${idle.toLocaleString("en-US")} idle`,
    against: idle === 0 ? {} : { base: "connections/0" },
    run: async (stage) => {
      const needed = idle + BUSY + OTHER_DESCRIPTORS;
      const limit = descriptorLimit();
      if (limit < needed) throw new Skipped(`needs ${needed} descriptors, the limit is ${limit}`);
      const central = await startCentral(stage, {
        agencies: BUSY + idle + 1,
        flags: { "connections-max": needed },
      });
      let connectSeconds = 0;
      if (idle > 0) {
        // The limit of descriptors is per process: so the idle agencies have their own process.
        const peers = stage.startNode(benchProgram("idle-peers"), {
          name: "the idle agencies",
          args: [`${central.port}`, `${BUSY + 1}`, `${idle}`],
          channel: true,
        });
        connectSeconds = Number((await peers.message("connected"))["seconds"]);
      }
      const { rssBytes } = memoryOf(central.pid);
      const shape = { dialect: "native", connections: BUSY, window: 1 };
      const { values, detail } = await loadCentral(stage, central, measure, shape);
      await central.program.stop();
      return { values: { ...values, connectSeconds, rssIdleBytes: rssBytes }, detail };
    },
  }));
}

/** How many descriptors a process may have open; programs that it starts inherit the limit. */
function descriptorLimit(): number {
  const limits = readProc("self/limits");
  const soft = /^Max open files +(\S+)/m.exec(limits ?? "")?.[1];
  return soft === undefined || soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}
