import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DrawDesk } from "../../../src/central/draw-desk.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import { agency, batchesOf, submitAll, winnersOf } from "../conformance/batches.ts";
import { Feed } from "../../../src/events/feed.ts";
import { logEvents } from "../../../src/log/central-log.ts";
import { eventsTo } from "../../support/events-to.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { counterAt } from "../../central/counter-at.ts";
import { documentsOf } from "../../support/documents.ts";
import { memoryLogger } from "../../support/memory-logger.ts";
import { eventually, openOn } from "./ledger-fixture.ts";

const BATCHES = 5;
const MARGIN_MS = 50;

/** The state of a draw when the process is killed. */
type Moment = "sealed" | "drawn" | "line out" | "on record" | "winners told";

/** The lines of the draw in the log of both lives. */
const LINES: Readonly<Record<Moment, readonly string[]>> = {
  sealed: ["performed"],
  drawn: ["recovered"],
  "line out": ["performed", "recovered"],
  "on record": ["performed"],
  "winners told": ["performed"],
};

interface Life {
  readonly store: BetStore;
  /** The lines of the draw that have left the process. */
  readonly lines: string[];
  readonly drawMarginMs: number;
  /** Called before a line leaves, and when it has left. */
  readonly onLine?: (moment: Moment) => void;
}

const onFault = (error: unknown): never => assert.fail(String(error));

function deskOf({ store, lines, drawMarginMs, onLine = () => undefined }: Life) {
  const clock = new FakeClock();
  const logger = {
    ...memoryLogger(),
    written: () => {
      const line = logger.of("sorteo").at(-1);
      onLine("drawn");
      lines.push(line?.["recovered"] === true ? "recovered" : "performed");
      onLine("line out");
      return Promise.resolve(true);
    },
  };
  const events = eventsTo(logger);
  return { clock, desk: new DrawDesk({ store, events, clock, drawMarginMs, onFault }) };
}

interface Copy {
  readonly disk: MemoryDisk;
  readonly lines: readonly string[];
}

/** Performs a draw. @returns the disk and the log as they were at each moment */
async function copiesOfADraw(): Promise<ReadonlyMap<Moment, Copy>> {
  const copies = new Map<Moment, Copy>();
  const disk = new MemoryDisk();
  const lines: string[] = [];
  const copy = (moment: Moment): void => {
    copies.set(moment, { disk: disk.clone(), lines: [...lines] });
  };
  const store = await openOn(disk);
  const { desk, clock } = deskOf({ store, lines, drawMarginMs: MARGIN_MS, onLine: copy });
  await submitAll(store, [...batchesOf(1, 1, BATCHES), ...batchesOf(2, 1, BATCHES)]);
  for (const of of [1, 2]) await store.done(agency(of));
  copy("sealed");
  const told: number[] = [];
  const results = [1, 2].map((of) =>
    counterAt(desk, of)
      .results(new AbortController().signal)
      .then(() => told.push(of)),
  );
  const drawing = desk.drawIfSealed();
  await eventually("the margin", () => lines.length > 0 && clock.timers === 1);
  assert.deepEqual(told, [], "winners were told before the margin was over");
  copy("on record");
  clock.advance(MARGIN_MS);
  await Promise.all([drawing, ...results]);
  copy("winners told");
  await store.close();
  return copies;
}

it("P5 the line of a draw that is performed after the log has ended is written by the next start", async () => {
  const disk = new MemoryDisk();
  const store = await openOn(disk);
  for (const of of [1, 2]) await store.done(agency(of));
  const events = new Feed();
  logEvents(events, memoryLogger(), new FakeClock()).close();
  const desk = new DrawDesk({ store, events, clock: new FakeClock(), onFault });
  await desk.drawIfSealed();
  await store.close();
  const next = await openOn(disk);
  const lines: string[] = [];
  await deskOf({ store: next, lines, drawMarginMs: 0 }).desk.drawIfSealed();
  assert.deepEqual(lines, ["recovered"]);
  await next.close();
});

describe("P5 the line of a draw whose process is killed", () => {
  for (const moment of Object.keys(LINES) as Moment[]) {
    const words = LINES[moment].join(" and as ");
    it(`when the draw is "${moment}", is written as ${words} before the next life tells winners`, async () => {
      const copy = (await copiesOfADraw()).get(moment);
      assert.ok(copy !== undefined);
      const lines = [...copy.lines];
      const store = await openOn(copy.disk);
      const toTell = LINES[moment].length > lines.length;
      const { desk } = deskOf({
        store,
        lines,
        drawMarginMs: 0,
        onLine: () => assert.ok(toTell, "it was told of already"),
      });
      assert.equal(await store.state(), toTell ? "sealed" : "drawn");
      await desk.drawIfSealed();
      assert.deepEqual(lines, LINES[moment]);
      for (const of of [1, 2]) {
        const results = await counterAt(desk, of).resultsNow();
        assert.deepEqual(await documentsOf(results?.winners), winnersOf(of, BATCHES));
      }
      await store.close();
    });
  }
});
