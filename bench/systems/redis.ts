import { cpuSeconds, memoryOf } from "../measure/process-usage.ts";
import { type Row, Skipped } from "../row.ts";
import type { Measure } from "./central-rows.ts";
import { findProgram } from "./find-program.ts";
import { longOptions } from "./long-options.ts";
import { loadPeer } from "./peer-load.ts";
import { startServer } from "./start-server.ts";

const SETTINGS = {
  bind: "127.0.0.1",
  appendonly: "yes",
  appendfsync: "always",
  // No snapshots and no rewriting of the log meanwhile: both would only slow it down.
  save: "",
  "auto-aof-rewrite-percentage": "0",
  daemonize: "no",
};

/** Redis streams with `appendfsync always`: an entry for each batch, nothing in it looked at. */
export function redisRows(measure: Measure): Row[] {
  return [5, 100].map((clients) => ({
    id: `peer/redis/${clients}`,
    group: "peers",
    title: `Redis streams, appendfsync always, ${clients} clients`,
    against: { base: `central/native/${clients}` },
    run: async (stage) => {
      const path = findProgram("redis-server");
      if (path === undefined) throw new Skipped("no redis-server in PATH");
      const cwd = await stage.folder();
      const { server, port } = await startServer(stage, (port) => ({
        name: "redis-server",
        command: path,
        cwd,
        args: longOptions({ port, ...SETTINGS }),
      }));
      const measured = await loadPeer(
        stage,
        measure,
        {
          program: "redis-load",
          name: "the Redis clients",
          args: longOptions({ port, clients }),
        },
        () => cpuSeconds(server.pid),
      );
      const { rssMaxBytes } = memoryOf(server.pid);
      await server.stop();
      return { ...measured, values: { ...measured.values, rssMaxBytes } };
    },
  }));
}
