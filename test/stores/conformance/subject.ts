import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { DrawPlan } from "../../../src/lottery/draw-plan.ts";
import type { ReplayMode } from "../../../src/lottery/repetitions.ts";
import type {
  BetStore,
  Publication,
  StoreCapabilities,
  Verdict,
} from "../../../src/store/bet-store.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { agency, batchesOf, claimOf, submitAll, WINNING_NUMBER } from "./batches.ts";

export interface StoreSettings extends Omit<DrawPlan, "name" | "sealVersion"> {
  readonly draw: string;
  readonly onFailure: (error: Error) => void;
  readonly onPublication?: (publication: Publication) => void;
  readonly replay?: ReplayMode;
  /** The smallest buffers that the store can work with. */
  readonly smallBuffers: boolean;
}

export interface StoreUnderTest {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  /** Whether a second owner of the same draw is refused, or shares it. */
  readonly exclusive: boolean;
  /** Opens the draw at `place`, which is a separate folder for stores that keep files. */
  readonly open: (place: string, settings: StoreSettings) => Promise<BetStore>;
}

/** Opens a test's draw, as often as it likes. */
export type Open = (settings?: Partial<StoreSettings>) => Promise<BetStore>;

/** Each test has its own draw; its stores are closed when it ends. */
export function opener(subject: StoreUnderTest, t: TestContext): Open {
  const opened: BetStore[] = [];
  // This hook is given first, because hooks run in order: stores must close before the folder is
  // removed.
  t.after(() => Promise.all(opened.map((store) => store.close())));
  const place = tempDir(t);
  return async (settings = {}) => {
    const store = await subject.open(await place, {
      draw: "1",
      winningNumber: WINNING_NUMBER,
      agencies: 2,
      smallBuffers: false,
      onFailure: (error) => {
        throw error;
      },
      ...settings,
    });
    opened.push(store);
    return store;
  };
}

/** A draw of two agencies with 3 and 2 batches, all done, sealed. */
export async function fillAndSeal(store: BetStore): Promise<void> {
  await submitAll(store, [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 2)]);
  assert.deepEqual(await store.done(agency(1), claimOf(1, 3)), { kind: "done" });
  assert.deepEqual(await store.done(agency(2), claimOf(2, 2)), { kind: "done" });
}

export function kinds(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(({ kind }) => kind);
}

/** Their lines, one after the other. */
export function textOf(...batches: readonly { readonly lines: Uint8Array }[]): string {
  return Buffer.concat(batches.map(({ lines }) => lines)).toString("utf8");
}
