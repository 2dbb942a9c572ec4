import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { decodeSummary, entriesOf, SummaryBuilder } from "../../src/stores/ledger/summary.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { drawPerformed } from "../../src/log/mandated-lines.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import {
  agency,
  batchesOf,
  batchOf,
  betsOf,
  submit,
  WINNING_NUMBER,
  tell,
} from "../stores/conformance/batches.ts";
import { tempDir } from "../support/temp-dir.ts";
import { assertSound, checkEvidence } from "./check-evidence.ts";
import type { BatchEvidence, ClientEvidence, Evidence } from "./evidence.ts";
import { type Entry, readStory, retell } from "./forge.ts";
import { readLedger } from "./read-ledger.ts";
import { readDrawFiles } from "./read-draw-files.ts";
import { AGENCIES, centralLine, soundDraw } from "./sound-draw.ts";

const batch = (of: number, lines: Uint8Array): Entry => ({
  kind: "batch",
  agency: of,
  lines: Buffer.from(lines),
});
const done = (of: number): Entry => ({ kind: "done", agency: of });

const sent = (lines: Uint8Array, answer: BatchEvidence["answer"]): BatchEvidence => ({
  lines,
  answer,
});

/** Evidence of agency 1 alone, in a draw with one agency. */
function alone(sound: Evidence, batches: BatchEvidence[], story: Entry[]): Evidence {
  const client: ClientEvidence = {
    agency: 1,
    batches,
    done: true,
    winners: undefined,
    received: [],
    markers: [],
    mayRepeat: false,
  };
  const end: Entry[] = [done(1), { kind: "seal" }, { kind: "draw" }];
  const evidence = { ...sound, agencies: 1, clients: [client], agencyLog: [] };
  return retell(evidence, [...story, ...end]);
}

describe("the checker accepts", () => {
  let sound: Evidence;
  before(async () => {
    sound = await soundDraw();
  });

  it("a draw of the real ledger, in several segments", () => {
    assertSound(sound);
    assert.ok(sound.files.has("00000003.seg"));
    assert.ok(sound.files.has("00000001.sum"));
    const counts = sound.clients.map(({ winners, batches }) => [winners?.length, batches.length]);
    assert.deepEqual(counts, [
      [8, 13],
      [8, 12],
      [0, 0],
    ]);
    for (const { markers } of sound.clients.slice(0, 2)) assert.ok(markers.length > 20);
  });

  it("the same events in files that a forger wrote", () => {
    assertSound(retell(sound, readStory(sound.files)));
  });

  it("a draw on the computer's own disk, sealed only or drawn", async (t) => {
    const dir = await tempDir(t);
    const options = { dir, draw: "1", winningNumber: WINNING_NUMBER, agencies: AGENCIES };
    const store = await openLedger({ ...options, onFailure: assert.fail });
    const batches = batchesOf(1, 1, 20);
    for (const one of batches) await submit(store, one);
    const evidence = (over: boolean): Evidence => ({
      ...sound,
      clients: [
        {
          agency: 1,
          batches: batches.map(({ lines }) => sent(lines, "acknowledged")),
          done: over,
          winners: undefined,
          received: [],
          markers: [],
          mayRepeat: false,
        },
      ],
      files: readDrawFiles(join(dir, "1")),
      centralLog: over ? [centralLine(drawPerformed())] : [],
      agencyLog: [],
      drawMayBeToldAgain: false,
      over,
    });
    assertSound(evidence(false));
    for (let of = 1; of <= AGENCIES; of++) await store.done(agency(of));
    assertSound(evidence(false));
    await store.performDraw(tell);
    await store.close();
    // A close does not wait long for the files of a draw; a start does.
    await (await openLedger({ ...options, onFailure: assert.fail })).close();
    mkdirSync(join(dir, "1", "a-folder"));
    writeFileSync(join(dir, "1", "bets.csv.tmp"), "half of it");
    assertSound(evidence(true));
  });

  it("a draw after which the central ended before it wrote the files", () => {
    for (const evidence of [
      { ...sound, over: false },
      { ...sound, filesMayBeMissing: true },
    ]) {
      const files = new Map(evidence.files);
      for (const name of ["seal.json", "bets.csv"]) {
        assert.ok(files.delete(name));
        assertSound({ ...evidence, files });
      }
    }
  });

  it("a draw without bets, and its empty directory before", () => {
    const none = { ...sound, clients: [], centralLog: [], agencyLog: [], over: false };
    assertSound({ ...none, files: new Map() });
  });

  it("equal batches of one agency, as often as it sent them", () => {
    const [one, two] = [batchOf(1, 1).lines, batchOf(1, 2).lines];
    const file = [one, two, one, one, two];
    const batches = file.map((lines) => sent(lines, "acknowledged"));
    const story = file.map((lines) => batch(1, lines));
    assertSound(alone(sound, batches, story));
    // One of them was not answered, and is not stored: it may be any of those that were not
    // answered.
    const unsure = batches.with(2, sent(one, "none"));
    assertSound(alone(sound, unsure, story.toSpliced(2, 1)));
    assertSound(alone(sound, batches.with(0, sent(one, "none")), story.slice(1)));
  });

  it("unanswered batches that are stored or not, and refused batches that are not stored", () => {
    const [one, two, three, four] = batchesOf(1, 1, 4).map(({ lines }) => lines);
    assert.ok(one && two && three && four);
    const batches = [
      sent(one, "refused"),
      sent(two, "none"),
      sent(three, "acknowledged"),
      sent(four, "none"),
    ];
    assertSound(alone(sound, batches, [batch(1, two), batch(1, three), batch(1, four)]));
    assertSound(alone(sound, batches, [batch(1, three)]));
  });

  it("bets of a run that came again in other batches, if that is allowed", () => {
    const [whole, ...halves] = [
      betsOf(1, 1, 6),
      betsOf(1, 1, 6).slice(0, 3),
      betsOf(1, 1, 6).slice(3),
    ];
    assert.ok(whole);
    const [again, rest] = halves.map(encodeLines);
    assert.ok(again && rest);
    const batches = [sent(encodeLines(whole), "acknowledged")];
    const evidence = alone(sound, batches, [
      batch(1, encodeLines(whole)),
      batch(1, again),
      batch(1, rest),
    ]);
    const clients = evidence.clients.map((client) => ({ ...client, mayRepeat: true }));
    assertSound({ ...evidence, clients });
    assert.deepEqual([...new Set(checkEvidence(evidence).map(({ rule }) => rule))], ["doubled"]);
  });

  it("the end of a file before its beginning, of an agency that was served in several draws", () => {
    const [one, two, three] = batchesOf(1, 1, 3).map(({ lines }) => lines);
    assert.ok(one && two && three);
    const batches = [one, two, three].map((lines) => sent(lines, "acknowledged"));
    const evidence = alone(sound, batches, [batch(1, three), batch(1, one), batch(1, two)]);
    const clients = evidence.clients.map((client) => ({ ...client, wandered: true }));
    assertSound({ ...evidence, clients });
    assert.deepEqual([...new Set(checkEvidence(evidence).map(({ rule }) => rule))], ["order"]);
  });

  it("four bytes that would be another agency's document as an integer, if documents are text", () => {
    const integer = Buffer.alloc(4);
    integer.writeUInt32BE(Number(sound.clients[1]?.markers[0]));
    const clients = sound.clients.map((client) => ({ ...client, received: [integer] }));
    assertSound({ ...sound, clients });
  });

  it("winners that are told as whole bets, with accents and quotes", () => {
    const story = readStory(sound.files);
    const lines = story
      .flatMap((entry) =>
        entry.kind === "batch" ? entry.lines.toString("utf8").split("\r\n") : [],
      )
      .filter((line) => line.endsWith(`,${WINNING_NUMBER}`));
    const clients = sound.clients.map((client) => ({
      ...client,
      winners: lines.filter((line) => line.startsWith(`${client.agency},`)),
    }));
    assert.match(clients[0]?.winners[0] ?? "", /Zoë 2,"Muñoz, hijo"/);
    assertSound({ ...sound, clients });
  });

  it("a draw that a crash kept out of the log, until the next life logs it", () => {
    const crashed = { ...sound, drawMayBeToldAgain: true };
    const silent = sound.centralLog.filter((line) => !line.includes("sorteo"));
    const story = readStory(sound.files).filter(({ kind }) => kind !== "told");
    assertSound(retell({ ...crashed, centralLog: silent, over: false }, story));
    const again = centralLine(drawPerformed(true));
    assertSound({ ...crashed, centralLog: [...silent, again] });
    // Both crashes came between the line and its record.
    assertSound({ ...crashed, centralLog: [...sound.centralLog, again, again] });
    assertSound(crashed);
  });

  it("a summary that is broken or missing, which the next start makes again", () => {
    const bytes = Buffer.from(sound.files.get("00000001.sum") ?? []);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    assertSound({ ...sound, files: new Map(sound.files).set("00000001.sum", bytes) });
    const files = new Map(sound.files);
    files.delete("00000002.sum");
    assertSound({ ...sound, files });
  });

  it("a summary that ends before its segment does", () => {
    const whole = decodeSummary(Buffer.from(sound.files.get("00000001.sum") ?? []), 1);
    const last = readLedger(sound.files).records[1];
    assert.ok(whole !== undefined && last !== undefined);
    const { end, flush: lastGroup } = last;
    const builder = new SummaryBuilder(1);
    for (const entry of [...entriesOf(whole)].slice(0, 2)) {
      const record = { ...entry, groupOffset: 0, group: lastGroup };
      builder.add(record, entry.winners, entry.at, end);
    }
    const bytes = builder.encode();
    assertSound({ ...sound, files: new Map(sound.files).set("00000001.sum", bytes) });
  });

  it("a last flush that a kill has cut to any length", () => {
    const story = readStory(sound.files).filter(({ kind }) => kind === "batch");
    const clients = sound.clients.map((client) => ({
      ...client,
      done: false,
      batches: client.batches.filter(({ answer }) => answer === "acknowledged"),
    }));
    const open = { ...sound, clients, over: false, centralLog: [], agencyLog: [] };
    const whole = retell(open, story);
    const last = [...whole.files.keys()]
      .filter((name) => name.endsWith(".seg"))
      .toSorted()
      .at(-1);
    assert.ok(last !== undefined);
    const unanswered = clients.map((client) => ({
      ...client,
      winners: undefined,
      batches: client.batches.map((one) =>
        Buffer.compare(one.lines, batchOf(2, 12, 1).lines) === 0
          ? { ...one, answer: "none" as const }
          : one,
      ),
    }));
    const bytes = Buffer.from(whole.files.get(last) ?? []);
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    for (let length = 1; length <= 68 + batchOf(2, 12, 1).lines.length; length++) {
      const torn = Buffer.concat([bytes.subarray(0, end - length)], bytes.length);
      const files = new Map(whole.files).set(last, torn);
      // Its summary was not written yet, because that comes after the flush.
      files.delete(last.replace(".seg", ".sum"));
      assertSound({ ...whole, clients: unanswered, files });
    }
  });
});
