import { parseArgs } from "node:util";

/** The arguments of every program that loads a peer. */
export interface PeerArguments {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  /** Connections that the clients share. */
  readonly pool: number;
  readonly mode: string;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly batch: number;
}

export function peerArguments(): PeerArguments {
  const text = { type: "string", default: "" } as const;
  const { values } = parseArgs({
    options: {
      port: text,
      clients: text,
      pool: text,
      mode: text,
      warmup: text,
      seconds: text,
      batch: text,
    },
  });
  return {
    host: "127.0.0.1",
    port: Number(values.port),
    clients: Number(values.clients),
    pool: Number(values.pool),
    mode: values.mode,
    warmupSeconds: Number(values.warmup),
    seconds: Number(values.seconds),
    batch: Number(values.batch),
  };
}
