import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DrawPlan } from "../../../src/lottery/draw-plan.ts";
import { claimDraw, readDrawFile } from "../../../src/stores/ledger/draw-file.ts";
import { LedgerCorrupt } from "../../../src/stores/ledger/ledger-corrupt.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { agency } from "../conformance/batches.ts";

const DIR = "/data/1";
const FILE = `${DIR}/draw.json`;

const SMALL: DrawPlan = { name: "1", winningNumber: 7574, agencies: 5 };
const LARGE: DrawPlan = {
  name: "2026-11 «ñ»",
  winningNumber: undefined,
  agencies: [
    { agency: agency(7), name: "Sur" },
    { agency: agency(2), name: "Núñez & Cía." },
  ],
  closesAtMs: Date.UTC(2026, 10, 30, 21),
  secondOperator: true,
  byOperator: true,
  openedBy: "eva",
};

async function emptyDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.makeDir(DIR);
  return disk;
}

async function diskWith(text: string): Promise<MemoryDisk> {
  const disk = await emptyDisk();
  const file = await disk.open(FILE, { mode: "create" });
  await new Promise((resolve) => file.write(Buffer.from(text), 0, resolve));
  return disk;
}

describe("draw.json", () => {
  it("of a plain draw has name, winning number and count of agencies", async () => {
    const disk = await emptyDisk();
    await claimDraw(disk, DIR, SMALL);
    assert.equal(
      disk.bytesOf(FILE).toString(),
      '{\n  "version": 2,\n  "draw": "1",\n  "winningNumber": 7574,\n  "agencies": 5\n}\n',
    );
  });

  it("of a draw with everything has everything", async () => {
    const disk = await emptyDisk();
    await claimDraw(disk, DIR, LARGE);
    assert.deepEqual(JSON.parse(disk.bytesOf(FILE).toString()), {
      version: 2,
      draw: "2026-11 «ñ»",
      winningNumber: null,
      agencies: [
        { agency: 7, name: "Sur" },
        { agency: 2, name: "Núñez & Cía." },
      ],
      closesAt: "2026-11-30T21:00:00.000Z",
      secondOperator: true,
      byOperator: true,
      openedBy: "eva",
    });
  });

  it("is read back as the plan that was written", async () => {
    for (const plan of [SMALL, LARGE]) {
      const disk = await emptyDisk();
      assert.deepEqual(await claimDraw(disk, DIR, plan), plan);
      const nothing = { closesAtMs: undefined, secondOperator: false, byOperator: false };
      const all = { ...nothing, openedBy: undefined, ...plan };
      assert.deepEqual(await readDrawFile(disk, DIR), all);
      assert.deepEqual(await claimDraw(disk, DIR, plan), all);
    }
  });

  it("of version 1 is read as a draw with the first kind of seal", async () => {
    const disk = await diskWith('{"version":1,"draw":"1","winningNumber":7574,"agencies":2}');
    assert.deepEqual(await readDrawFile(disk, DIR), {
      name: "1",
      winningNumber: 7574,
      agencies: 2,
      sealVersion: 1,
    });
  });

  it("keeps the names of its agencies, whatever they are called later", async () => {
    const disk = await emptyDisk();
    const plan = { ...SMALL, agencies: [{ agency: agency(3), name: "Norte" }] };
    await claimDraw(disk, DIR, plan);
    const renamed = { ...plan, agencies: [{ agency: agency(3), name: "North" }] };
    assert.deepEqual((await claimDraw(disk, DIR, renamed)).agencies, plan.agencies);
  });

  const good = { version: 2, draw: "1", winningNumber: 7574, agencies: 5 };
  const bad: Readonly<Record<string, unknown>> = {
    "no version": { ...good, version: undefined },
    "a version that is not known": { ...good, version: 3 },
    "no name": { ...good, draw: undefined },
    "no winning number": { ...good, winningNumber: undefined },
    "a winning number that no bet can have": { ...good, winningNumber: 10_000 },
    "a winning number as text": { ...good, winningNumber: "7574" },
    "an unknown winning number in version 1": { ...good, version: 1, winningNumber: null },
    "a list of agencies in version 1": { ...good, version: 1, agencies: [] },
    "no agencies": { ...good, agencies: undefined },
    "agencies as text": { ...good, agencies: "5" },
    "half an agency": { ...good, agencies: 5.5 },
    "fewer than no agencies": { ...good, agencies: -1 },
    "an agency without a name": { ...good, agencies: [{ agency: 1 }] },
    "an agency that is none": { ...good, agencies: [{ agency: 0, name: "" }] },
    "nothing in the list": { ...good, agencies: [null] },
    "an agency twice": {
      ...good,
      agencies: [1, 2, 1].map((of) => ({ agency: of, name: String(of) })),
    },
    "a closing time that is no time": { ...good, closesAt: "tomorrow" },
    "a closing time as a number": { ...good, closesAt: 1 },
    "a second operator as text": { ...good, secondOperator: "true" },
    "an operator as a number": { ...good, byOperator: 1 },
    "an opener that is no name": { ...good, openedBy: 7 },
    "a list": [good],
    null: null,
  };
  for (const [what, contents] of Object.entries(bad)) {
    it(`is refused with ${what}`, async () => {
      const disk = await diskWith(JSON.stringify(contents));
      await assert.rejects(readDrawFile(disk, DIR), (error: unknown) => {
        assert.ok(error instanceof LedgerCorrupt, String(error));
        assert.equal(error.flaw.file, FILE);
        return true;
      });
    });
  }

  it("is refused when it is no JSON", async () => {
    const disk = await diskWith("{");
    await assert.rejects(readDrawFile(disk, DIR), { code: "LEDGER_CORRUPT" });
  });
});
