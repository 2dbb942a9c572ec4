import { filesBytes } from "../measure/disk-bytes.ts";
import { cpuSeconds, memoryOf } from "../measure/process-usage.ts";
import { Skipped } from "../row.ts";
import { findProgram } from "./find-program.ts";
import { longOptions } from "./long-options.ts";
import { loadPeer } from "./peer-load.ts";
import type { Peer } from "./peers.ts";
import { startServer } from "./start-server.ts";

const SETTINGS = {
  bind: "127.0.0.1",
  appendonly: "yes",
  appendfsync: "always",
  // No snapshots and no rewriting of the log during the load: both would only slow it down.
  save: "",
  "auto-aof-rewrite-percentage": "0",
  daemonize: "no",
};

/** Redis streams with `appendfsync always`: an entry for each batch, which Redis does not read. */
export const REDIS: Peer = {
  name: "redis",
  titleFor: (clients) => `Redis streams, appendfsync always, ${clients} clients`,
  run: async (stage, measure, clients) => {
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
      {
        cpuSeconds: () => cpuSeconds(server.pid),
        // The append-only file, which is in its own folder since Redis 7.
        diskBytes: () => ({ log: filesBytes(cwd, ".aof") }),
      },
    );
    const { rssMaxBytes } = memoryOf(server.pid);
    await server.stop();
    return { ...measured, values: { ...measured.values, rssMaxBytes } };
  },
};
