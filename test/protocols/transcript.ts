import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.ts";

export type Side = "client" | "server";

/** What one side did at one moment: it sent bytes, or ended. */
export interface Piece {
  readonly dir: Side;
  /** Since the recording began; connections of one folder share the clock. */
  readonly tMs: number;
  /** Empty when the side ended. */
  readonly bytes: Buffer;
  readonly end?: "eof" | "reset";
}

/** One recorded connection: test/golden/inputs/README.md. */
export interface RecordedConnection {
  /** As `3-2` or `ej6/3-2`. */
  readonly name: string;
  /** The connection's place in the order in which they were accepted, from 1. */
  readonly order: number;
  readonly agency: number;
  /** In order of time. */
  readonly pieces: readonly Piece[];
}

/** Reads `test/golden/<dialect>/<path>.jsonl`. @param path as `1-1` or `ej6/3-2` */
export function readConnection(dialect: string, path: string): RecordedConnection {
  const [, order, agency] = /(\d+)-(\d+)$/.exec(path) ?? [];
  const text = readFileSync(join(root, "test/golden", dialect, `${path}.jsonl`), "utf8");
  const pieces = text.split("\n").filter(Boolean).map(parsePiece);
  return { name: path, order: Number(order), agency: Number(agency), pieces };
}

/**
 * All connections of a folder, in the order in which they were accepted.
 * @param folder as `ej6`, or "" for the dialect's final version
 */
export function readConnections(dialect: string, folder = ""): RecordedConnection[] {
  return readdirSync(join(root, "test/golden", dialect, folder))
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => readConnection(dialect, join(folder, file.slice(0, -".jsonl".length))))
    .toSorted((one, other) => one.order - other.order);
}

/** Folders of a dialect's recordings, "" for the final version first. */
export function recordedFolders(dialect: string): string[] {
  const entries = readdirSync(join(root, "test/golden", dialect), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return ["", ...folders.toSorted()];
}

/** Everything that one side of a connection sent. */
export function sentBy({ pieces }: Pick<RecordedConnection, "pieces">, side: Side): Buffer {
  return Buffer.concat(pieces.filter(({ dir }) => dir === side).map(({ bytes }) => bytes));
}

/**
 * What one side sent, put together between what the other one sent: the messages of a dialect in
 * which peers take turns, however they were cut.
 */
export function turnsOf({ pieces }: Pick<RecordedConnection, "pieces">): Piece[] {
  const turns: Piece[] = [];
  for (const piece of pieces) {
    const last = turns.at(-1);
    const goesOn = last?.dir === piece.dir && last.end === undefined && piece.end === undefined;
    if (!goesOn) turns.push(piece);
    else turns.splice(-1, 1, { ...last, bytes: Buffer.concat([last.bytes, piece.bytes]) });
  }
  return turns;
}

function parsePiece(line: string): Piece {
  const { dir, t_ms, hex, eof, reset } = JSON.parse(line) as {
    dir: Side;
    t_ms: number;
    hex: string;
    eof?: boolean;
    reset?: boolean;
  };
  const end = eof === true ? "eof" : reset === true ? "reset" : undefined;
  const piece = { dir, tMs: t_ms, bytes: Buffer.from(hex, "hex") };
  return end === undefined ? piece : { ...piece, end };
}
