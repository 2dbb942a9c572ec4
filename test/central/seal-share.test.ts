import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { DrawDesk } from "../../src/central/draw-desk.ts";
import { BY_CLOCK, type Deed } from "../../src/lottery/act.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import type { SealShare } from "../../src/lottery/seal-proofs.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { sealByProof, sealedAgency } from "../../src/lottery/seal.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { openCsvStore } from "../../src/stores/csv/csv-store.ts";
import { memoryStore, type MemoryStoreOptions } from "../stores/memory-store.ts";
import { bet } from "./line-peer.ts";
import { counterAt } from "./counter-at.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { seed, seedNote } from "../support/seed.ts";
import { tempDir } from "../support/temp-dir.ts";

const NOT_DRAWN = /^RangeError: Cannot prove the seal of draw 1: it is not drawn$/;

const idOf = (agency: number): AgencyId => agency as AgencyId;

async function act(store: BetStore, deed: Deed): Promise<void> {
  const verdict = await store.act({ deed, atMs: 0, by: BY_CLOCK, reason: "" });
  assert.equal(verdict.kind, "done");
}

/** Some agencies of a draw have sent so many bets each; then it is closed and performed. */
async function drawn(
  bets: readonly number[],
  done: (index: number) => boolean,
  options: MemoryStoreOptions = {},
): Promise<BetStore> {
  const store = memoryStore({ agencies: bets.length, ...options });
  for (const [index, agency] of [...store.roster].entries()) {
    for (let sequence = 1; sequence <= (bets[index] ?? 0); sequence++) {
      const lines = encodeLines([bet(agency, String(sequence))]);
      await new Promise((settle) => store.submit({ agency, sequence, count: 1, lines }, settle));
    }
    if (done(index)) await store.done(agency);
  }
  if ((await store.state()) === "open") await act(store, { kind: "close" });
  await store.performDraw(async () => true);
  assert.equal(await store.state(), "drawn");
  return store;
}

function onFault(error: unknown): never {
  throw error;
}

function deskOf(store: BetStore): DrawDesk {
  return new DrawDesk({ store, events: eventsTo(silentLogger), clock: new FakeClock(), onFault });
}

/** What an agency is shown that asks on a connection of its own. */
function shareOf(desk: DrawDesk, agency: number): Promise<SealShare | undefined> {
  return counterAt(desk, agency).sealShare();
}

describe("what shows an agency the seal", () => {
  it(`gives the seal to every agency of every draw, from its own standing (${seedNote})`, async () => {
    const draws = fc.record({
      bets: fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
      dones: fc.nat(2 ** 12),
      step: fc.constantFrom(0, 1, 3),
    });
    await fc.assert(
      fc.asyncProperty(draws, async ({ bets, dones, step }) => {
        // A list leaves numbers out: then the place of an agency is not its number.
        const list = bets.map((_, index) => ({ agency: idOf(2 + step * index), name: "x" }));
        const agencies = step === 0 ? bets.length : list;
        const store = await drawn(bets, (index) => ((dones >> index) & 1) === 1, { agencies });
        const { draw, seal } = await store.whenDrawn();
        const desk = deskOf(store);
        for (const agency of store.roster) {
          const { sealed, proof } = (await shareOf(desk, agency)) ?? assert.fail("no proof");
          const standing = await store.standing(agency);
          assert.deepEqual(
            sealByProof(draw, sealedAgency(agency, standing), proof),
            Buffer.from(seal),
          );
          assert.deepEqual(sealed, sealedAgency(agency, standing));
          assert.equal(sealed.closedOut, !standing.done);
        }
      }),
      { numRuns: 60, seed },
    );
  });

  it("is computed once, also when all agencies ask at the same time", async () => {
    const store = await drawn([1, 0, 2, 1, 1], () => true);
    let looks = 0;
    const whenDrawn = store.whenDrawn.bind(store);
    store.whenDrawn = (signal) => {
      looks++;
      return whenDrawn(signal);
    };
    const desk = deskOf(store);
    const asking = [...store.roster, ...store.roster].map((agency) => shareOf(desk, agency));
    assert.equal((await Promise.all(asking)).length, 10);
    await shareOf(desk, idOf(1));
    assert.equal(looks, 1);
  });

  it("is refused before the draw is performed, and is there then", async () => {
    const store = memoryStore({ agencies: 1, winningNumber: "told" });
    const desk = deskOf(store);
    await assert.rejects(shareOf(desk, idOf(1)), NOT_DRAWN);
    await store.done(idOf(1));
    assert.equal(await store.state(), "sealed");
    await assert.rejects(shareOf(desk, idOf(1)), NOT_DRAWN);
    await act(store, { kind: "tell-number", number: 7574 });
    await store.performDraw(async () => true);
    assert.ok((await shareOf(desk, idOf(1))) !== undefined);
  });

  it("does not exist in a draw of the first version, whose seal has no tree", async () => {
    const store = memoryStore({ agencies: 1, plan: { sealVersion: 1 } });
    await store.done(idOf(1));
    await store.performDraw(async () => true);
    assert.equal(await shareOf(deskOf(store), idOf(1)), undefined);
  });

  it("is there in the course's store too, until a restart forgets the draw", async (t) => {
    const dir = await tempDir(t);
    const options = { dir, draw: "1", winningNumber: 7574, agencies: 1 };
    const open = () => openCsvStore({ ...options, onFailure: (error) => assert.fail(error) });
    const store = await open();
    await store.done(idOf(1));
    await store.performDraw(async () => true);
    const { proof } = (await shareOf(deskOf(store), idOf(1))) ?? assert.fail("no proof");
    const line = sealedAgency(idOf(1), await store.standing(idOf(1)));
    const { seal } = await store.whenDrawn();
    assert.deepEqual(sealByProof("1", line, proof), Buffer.from(seal));
    await store.close();
    const again = await open();
    await assert.rejects(shareOf(deskOf(again), idOf(1)), NOT_DRAWN);
    await again.close();
  });
});
