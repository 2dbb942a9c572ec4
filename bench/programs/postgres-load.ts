import { once } from "node:events";
import { Pool, type PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Bet } from "../../src/lottery/bet.ts";
import { batchLines, makeBatches } from "./batches.ts";
import { runClosedLoop } from "./closed-loop.ts";
import { peerArguments } from "./peer-arguments.ts";

// PostgreSQL with a row for each bet. `unnest`: one statement per batch, which also stores the batch's
// number, so that a repeated batch is stored once. `copy`: COPY, which stores no number. The driver's data
// are made before the clock starts.

const BATCHES_EACH = 8;
const COLUMNS = ["firstName", "lastName", "document", "birthdate", "number"] as const;
/** Stores all bets of a batch, unless the batch is there already. */
const STORE = `
  WITH fresh AS (
    INSERT INTO batch VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING agency
  )
  INSERT INTO bet
  SELECT agency, first_name, last_name, document, birthdate, number
  FROM fresh, unnest($3::text[], $4::text[], $5::bigint[], $6::date[], $7::int[])
    AS row (first_name, last_name, document, birthdate, number)`;

const options = peerArguments();
const { clients, batch, mode, host, port, pool: connections } = options;
const pool = new Pool({ host, port, user: "bench", database: "postgres", max: connections });
await pool.query(`
  CREATE TABLE IF NOT EXISTS batch (agency int, sequence bigint, PRIMARY KEY (agency, sequence));
  CREATE TABLE IF NOT EXISTS bet (agency int, first_name text, last_name text, document bigint,
    birthdate date, number int);
  TRUNCATE batch, bet`);
const send = mode === "copy" ? sendByCopy() : sendByUnnest();
await runClosedLoop({ ...options, send });
await pool.end();
process.disconnect();

type Send = (client: number, sequence: number) => Promise<void>;

function sendByUnnest(): Send {
  const columns = everyClients((bets) =>
    COLUMNS.map((column) => arrayLiteral(bets.map((bet) => bet[column]))),
  );
  return async (client, sequence) => {
    const values = [client + 1, sequence, ...pick(columns[client], sequence)];
    const { rowCount } = await pool.query({ name: "store", text: STORE, values });
    if (rowCount !== batch) throw new Error(`Stored ${rowCount} of ${batch} bets`);
  };
}

function sendByCopy(): Send {
  const lines = everyClients(batchLines);
  return async (client, sequence) => {
    const connection = await pool.connect();
    try {
      await copy(connection, pick(lines[client], sequence));
    } finally {
      connection.release();
    }
  };
}

async function copy(connection: PoolClient, lines: Buffer): Promise<void> {
  const stream = connection.query(copyFrom("COPY bet FROM STDIN (FORMAT csv)"));
  stream.end(lines);
  await once(stream, "finish");
}

function everyClients<Made>(make: (bets: readonly Bet[]) => Made): Made[][] {
  return Array.from({ length: clients }, (_, client) =>
    makeBatches(client + 1, BATCHES_EACH, batch).map(make),
  );
}

function pick<Item>(items: readonly Item[] | undefined, sequence: number): Item {
  const item = items?.[sequence % BATCHES_EACH];
  if (item === undefined) throw new RangeError(`No batch for ${sequence}`);
  return item;
}

/** `{"a","b"}`, as PostgreSQL reads an array. */
function arrayLiteral(values: readonly (string | number)[]): string {
  return `{${values.map((value) => `"${String(value).replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
