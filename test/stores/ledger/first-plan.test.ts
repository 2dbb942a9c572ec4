import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Batch } from "../../../src/lottery/batch.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import { type LedgerOptions, openLedger } from "../../../src/stores/ledger/ledger.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { documentsOf } from "../../support/documents.ts";
import {
  firstLedgerFile,
  firstLedgerFiles,
  unpackFirstLedger,
} from "../../support/first-ledgers.ts";
import { agency, close, submit, tell, WINNING_NUMBER } from "../conformance/batches.ts";

function open(dir: string, options: Partial<LedgerOptions> = {}): Promise<BetStore> {
  return openLedger({
    dir,
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: 2,
    onFailure: (error) => assert.fail(error),
    ...options,
  });
}

function batch(of: number, sequence: number, ...numbers: readonly number[]): Batch {
  const lines = numbers.map(
    (number, index) => `${of},Ana ${index},"López, hija",3090446${index},1999-03-17,${number}\r\n`,
  );
  return {
    agency: agency(of),
    sequence,
    count: numbers.length,
    lines: Buffer.from(lines.join("")),
  };
}

const SENT = [batch(1, 1, WINNING_NUMBER, 12), batch(2, 1, 0), batch(1, 2, WINNING_NUMBER)];

/** Heads and seal of the drawn draw. */
const { agencies: SEALED, seal: SEAL } = JSON.parse(
  firstLedgerFile("drawn", "seal.json").toString(),
) as {
  readonly agencies: readonly { readonly head: string; readonly bets: number }[];
  readonly seal: string;
};

/** The first kind of seal, by its text. */
function firstSeal(): string {
  const [one, two] = SEALED;
  const text =
    "quiniela/1 seal\ndraw 1\n" +
    `agency 1 batches 2 bets 3 head ${one?.head}\n` +
    `agency 2 batches 1 bets 1 head ${two?.head}\n`;
  return createHash("sha256").update(text).digest("hex");
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("a draw that was begun with a plan of version 1", () => {
  it("goes on, and is sealed and published as it would have been then", async (t) => {
    const dir = await unpackFirstLedger(t, "open");
    const store = await open(dir);
    assert.equal(await store.state(), "open");
    for (const sent of SENT) assert.equal((await submit(store, sent)).kind, "duplicate");
    assert.deepEqual(await store.done(agency(2)), { kind: "done" });
    assert.deepEqual(await store.performDraw(tell), { performed: true });
    assert.equal(hex((await store.whenDrawn()).seal), SEAL);
    assert.equal(SEAL, firstSeal());
    await store.close(10_000);
    for (const file of ["draw.json", "seal.json", "bets.csv"]) {
      assert.deepEqual(readFileSync(join(dir, "1", file)), firstLedgerFile("drawn", file), file);
    }
    const { state, difference, seal } = await verifyDraw(dir, "1");
    assert.deepEqual([state, difference, seal], ["drawn", undefined, SEAL]);
  });

  it("that was drawn serves its winners, and stays as it is", async (t) => {
    const dir = await unpackFirstLedger(t, "drawn");
    const store = await open(dir);
    assert.equal(await store.state(), "drawn");
    assert.deepEqual(await store.performDraw(() => assert.fail("it was told")), {
      performed: false,
    });
    const { seal, agencies, acts } = await store.whenDrawn();
    assert.equal(hex(seal), SEAL);
    assert.deepEqual(
      agencies.map(({ head }) => hex(head)),
      SEALED.map(({ head }) => head),
    );
    assert.equal(acts.count, 0);
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), ["30904460", "30904460"]);
    assert.deepEqual(await documentsOf(await store.winners(agency(2))), []);
    await store.close(10_000);
    for (const file of firstLedgerFiles("drawn")) {
      assert.deepEqual(readFileSync(join(dir, "1", file)), firstLedgerFile("drawn", file), file);
    }
    const { state, difference, files } = await verifyDraw(dir, "1");
    assert.deepEqual([state, difference, files], ["drawn", undefined, "done"]);
  });

  it("takes no acts, because its seal does not cover them", async (t) => {
    const dir = await unpackFirstLedger(t, "open");
    const store = await open(dir);
    assert.deepEqual(await store.act(close), { kind: "refused", why: "unsupported" });
    assert.deepEqual(await store.acts(), []);
    assert.equal(await store.state(), "open");
    await store.close();
  });

  it("has no closing time, no list of agencies, and no number that is told later", async (t) => {
    const dir = await unpackFirstLedger(t, "open");
    const others: readonly [Partial<LedgerOptions>, RegExp][] = [
      [{ winningNumber: undefined }, /its winning number is 7574, not told after the seal/],
      [{ closesAtMs: 0 }, /its closing time is none, not 1970-01-01T00:00:00.000Z/],
      [
        { agencies: [1, 2].map((of) => ({ agency: agency(of), name: "" })) },
        /its list of agencies is 1 to 2, not 1, 2/,
      ],
    ];
    for (const [options, message] of others) {
      await assert.rejects(open(dir, options), { code: "DRAW_MISMATCH", message });
    }
  });
});
