import { chmod, chown } from "node:fs/promises";
import { dirname, join } from "node:path";
import { treeCpuSeconds } from "../measure/process-usage.ts";
import { type Row, Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";
import type { Measure } from "./central-rows.ts";
import { findProgram, unprivilegedUser } from "./find-program.ts";
import { longOptions } from "./long-options.ts";
import { loadPeer } from "./peer-load.ts";
import { startServer } from "./start-server.ts";

/** Debian's and Red Hat's, Homebrew's, a source build's. */
const FOLDERS = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/opt/homebrew/bin",
  "/usr/local/pgsql/bin",
];

/** Clients, and the connections that they share. */
const POOLS = [
  { clients: 5, pool: 5 },
  { clients: 100, pool: 32 },
];

/** Durable as it comes from the box, with enough memory and log not to be held up by checkpoints. */
const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "1GB",
  max_wal_size: "8GB",
  max_connections: "64",
  listen_addresses: "127.0.0.1",
};

/**
 * A private PostgreSQL with the same batches, a row for each bet.
 * @param whole lasts for all rounds: it holds the cluster, which is made once
 */
export function postgresRows(measure: Measure, whole: Stage): Row[] {
  let cluster: Promise<Cluster> | undefined;
  return (["unnest", "copy"] as const).flatMap((mode) =>
    POOLS.map(({ clients, pool }) => ({
      id: `peer/postgres-${mode}/${clients}`,
      group: "peers" as const,
      title: `PostgreSQL ${mode === "copy" ? "COPY, no dedup" : "INSERT … unnest"}, ${clients} clients${pool === clients ? "" : ` on ${pool}`}`,
      against: { base: `central/native/${clients}` },
      run: async (stage) => {
        cluster ??= makeCluster(whole);
        const { command, data, user } = await cluster;
        const settings = Object.entries(SETTINGS).flatMap(([name, value]) => [
          "-c",
          `${name}=${value}`,
        ]);
        const { server, port } = await startServer(stage, (port) => ({
          name: "postgres",
          command,
          args: ["-D", data, "-p", `${port}`, "-k", data, ...settings],
          user,
          // Its own kind of haste: its processes leave together.
          killSignal: "SIGQUIT",
        }));
        const measured = await loadPeer(
          stage,
          measure,
          {
            program: "postgres-load",
            name: "the PostgreSQL clients",
            args: longOptions({ port, mode, clients, pool }),
          },
          () => treeCpuSeconds(server.pid),
        );
        // "Fast": ends connections and writes a checkpoint.
        await server.stop("SIGINT");
        return measured;
      },
    })),
  );
}

interface Cluster {
  readonly command: string;
  readonly data: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

async function makeCluster(stage: Stage): Promise<Cluster> {
  const initdb = findProgram("initdb", FOLDERS);
  if (initdb === undefined) throw new Skipped("no PostgreSQL server found");
  const command = join(dirname(initdb), "postgres");
  // The server refuses to run as root.
  const user = unprivilegedUser(["postgres"]);
  const folder = await stage.folder();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
  const data = join(folder, "cluster");
  await stage
    .start({
      name: "initdb",
      command: initdb,
      args: ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
      user,
      cwd: "/",
    })
    .succeed();
  return { command, data, user };
}
