import type { Measured, Row } from "../row.ts";
import type { Stage } from "../stage.ts";
import type { Measure } from "./central-rows.ts";

/** A system of somebody else's that can be loaded with the same batches as the central. */
export interface Peer {
  /** As `redis`: part of a row's id. */
  readonly name: string;
  readonly titleFor: (clients: number) => string;
  /** @throws Skipped when it is not installed */
  readonly run: (stage: Stage, measure: Measure, clients: number) => Promise<Measured>;
}

/** Peers under the load that all rows have. */
export function peerRows(measure: Measure, peers: readonly Peer[]): Row[] {
  return peers.flatMap(({ name, titleFor, run }) =>
    [5, 100].map((clients) => ({
      id: `peer/${name}/${clients}`,
      group: "peers" as const,
      title: titleFor(clients),
      against: { base: `central/native/${clients}` },
      run: (stage) => run(stage, measure, clients),
    })),
  );
}
