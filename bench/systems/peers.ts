import type { Measured, Row } from "../row.ts";
import type { Stage } from "../stage.ts";
import type { Measure } from "./central-rows.ts";

/** A system of other authors that can be loaded with the same batches as the central. */
export interface Peer {
  /** Such as `redis`: a part of the row's id. */
  readonly name: string;
  readonly titleFor: (clients: number) => string;
  /** @throws Skipped when it is not installed */
  readonly run: (stage: Stage, measure: Measure, clients: number) => Promise<Measured>;
}

/** Peers with the same load as all rows. */
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
