import type { Row } from "../row.ts";
import { centralRow, describeShape, type Measure } from "./central-rows.ts";
import type { Peer } from "./peers.ts";

/** Bets in a batch. Here the cost of a batch matters most, and the cost of a bet least. */
const SIZES = [1, 10];
const CONNECTIONS = [5, 100];

/** Small batches: the central, and right after it each peer in the same shape. */
export function batchRows(measure: Measure, peers: readonly Peer[]): Row[] {
  return SIZES.flatMap((batch) =>
    CONNECTIONS.flatMap((connections) => rowsOf({ ...measure, batch }, connections, peers)),
  );
}

function rowsOf(measure: Measure, connections: number, peers: readonly Peer[]): Row[] {
  const { batch } = measure;
  const shape = { dialect: "native", connections, window: 1 };
  const idOf = (system: string): string => `batch/${system}/${connections}x${batch}`;
  const titleOf = (title: string): string =>
    `${title}, batches of ${batch} ${batch === 1 ? "bet" : "bets"}`;
  const ours = centralRow(measure, shape, {
    id: idOf("native"),
    group: "batches",
    title: titleOf(`native, ${describeShape(shape)}`),
    against: {},
  });
  const others = peers.map(
    ({ name, titleFor, run }): Row => ({
      id: idOf(name),
      group: "batches",
      title: titleOf(titleFor(connections)),
      against: { base: ours.id },
      run: (stage) => run(stage, measure, connections),
    }),
  );
  return [ours, ...others];
}
