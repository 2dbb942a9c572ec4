import { chmod, chown } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { z } from "zod";
import type { DiskBytes } from "../measure/disk-bytes.ts";
import { treeCpuSeconds } from "../measure/process-usage.ts";
import { Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";
import { findProgram, unprivilegedUser } from "./find-program.ts";
import { longOptions } from "./long-options.ts";
import { loadPeer } from "./peer-load.ts";
import type { Peer } from "./peers.ts";
import { startServer } from "./start-server.ts";

/** The folders of Debian, Red Hat, Homebrew, and of a build from source. */
const FOLDERS = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/opt/homebrew/bin",
  "/usr/local/pgsql/bin",
];

/** The most connections that the clients share: a client waits while none is free. */
const POOL_MAX = 32;

/** Durable as by default, with enough memory and log that checkpoints do not slow it down. */
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
 * The whole log so far, and the tables of `postgres-load` with their index. The sizes of files do not show
 * this: segments of the log are made ahead and used again, and a table with many writers grows by hundreds
 * of pages at once.
 */
const DISK_BYTES = `
  SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS log,
    pg_relation_size('batch_pkey') + ${bytesInUse("batch")} + ${bytesInUse("bet")} AS tables`;

const DiskRow = z.object({ log: z.coerce.number(), tables: z.coerce.number() });

/**
 * A private PostgreSQL with the same batches, a row for each bet.
 * @param whole the stage that lasts for all rounds: the cluster is made once, and is there
 */
export function postgresPeers(whole: Stage): Peer[] {
  let cluster: Promise<Cluster> | undefined;
  return (["unnest", "copy"] as const).map((mode) => ({
    name: `postgres-${mode}`,
    titleFor: (clients) => titleOf(mode, clients),
    run: async (stage, measure, clients) => {
      cluster ??= makeCluster(whole);
      const { server, port } = await startPostgres(stage, await cluster);
      const measured = await loadPeer(
        stage,
        measure,
        {
          program: "postgres-load",
          name: "the PostgreSQL clients",
          args: longOptions({ port, mode, clients, pool: poolOf(clients) }),
        },
        { cpuSeconds: () => treeCpuSeconds(server.pid), diskBytes: () => diskBytes(port) },
      );
      // SIGINT is PostgreSQL's "fast" stop: it ends connections and writes a checkpoint.
      await server.stop("SIGINT");
      return measured;
    },
  }));
}

function titleOf(mode: "unnest" | "copy", clients: number): string {
  const how = mode === "copy" ? "COPY, no dedup" : "INSERT … unnest";
  const pool = poolOf(clients);
  return `PostgreSQL ${how}, ${clients} clients${pool === clients ? "" : ` on ${pool}`}`;
}

function poolOf(clients: number): number {
  return Math.min(clients, POOL_MAX);
}

function startPostgres(
  stage: Stage,
  { command, data, user }: Cluster,
): ReturnType<typeof startServer> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return startServer(stage, (port) => ({
    name: "postgres",
    command,
    args: ["-D", data, "-p", `${port}`, "-k", data, ...settings],
    user,
    // SIGQUIT is PostgreSQL's immediate stop: all its processes end together.
    killSignal: "SIGQUIT",
  }));
}

/** Counts the pages with a first row: nothing is ever deleted, so these are the pages in use. */
function bytesInUse(table: string): string {
  const pageBytes = "current_setting('block_size')::bigint";
  return `${pageBytes} * (
    SELECT count(*) FROM generate_series(0, pg_relation_size('${table}') / ${pageBytes} - 1) AS page
    WHERE EXISTS (SELECT FROM ${table} WHERE ctid = format('(%s,1)', page)::tid))`;
}

async function diskBytes(port: number): Promise<DiskBytes> {
  const client = new Client({ host: "127.0.0.1", port, user: "bench", database: "postgres" });
  await client.connect();
  try {
    const { rows } = await client.query(DISK_BYTES);
    return DiskRow.parse(rows[0]);
  } finally {
    await client.end();
  }
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
