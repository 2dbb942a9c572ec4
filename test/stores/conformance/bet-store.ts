import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { actLivesPromises } from "./act-lives-promises.ts";
import { actPromises } from "./acts-promises.ts";
import { batchPromises } from "./batch-promises.ts";
import { drawPromises } from "./draw-promises.ts";
import { lifePromises } from "./life-promises.ts";
import { replayPromises } from "./replay-promises.ts";
import { opener, type StoreUnderTest } from "./subject.ts";
import { winnersPromises } from "./winners-promises.ts";

/**
 * What every store must do, whatever it keeps bets in. If a store does not claim a capability, the
 * tests of it check the opposite: the store must say that it does not have it.
 */
export function betStoreConformance(subject: StoreUnderTest): void {
  describe(`${subject.name} keeps the promises of a bet store`, () => {
    it("reports its settings and capabilities", async (t) => {
      const store = await opener(subject, t)({ agencies: 3, winningNumber: 42 });
      const { draw, plan, roster } = store;
      assert.deepEqual(
        { draw, name: plan.name, winningNumber: plan.winningNumber, agencies: [...roster] },
        { draw: "1", name: "1", winningNumber: 42, agencies: [1, 2, 3] },
      );
      assert.deepEqual(store.capabilities, subject.capabilities);
      assert.equal(await store.state(), "open");
    });

    batchPromises(subject);
    replayPromises(subject);
    drawPromises(subject);
    lifePromises(subject);
    actPromises(subject);
    actLivesPromises(subject);
    winnersPromises(subject);
  });
}
