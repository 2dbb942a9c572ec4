import {
  ACT,
  BATCH,
  DONE,
  DRAW,
  RECORD_HEADER_BYTES,
  SEAL,
  SEGMENT_HEADER_BYTES,
  segmentName,
  summaryName,
  TOLD,
} from "../../src/stores/ledger/layout.ts";
import { encodeRecord, type LedgerRecord, parseRecord } from "../../src/stores/ledger/record.ts";
import { encodeSegmentHeader } from "../../src/stores/ledger/segment-image.ts";
import { SummaryBuilder } from "../../src/stores/ledger/summary.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { parseLine } from "../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { type SealedAgency, sealOf } from "../../src/lottery/seal.ts";
import { NO_WINNERS, sumWinners, winnersIn } from "../../src/lottery/winners.ts";
import { createHash } from "node:crypto";
import type { Evidence } from "./evidence.ts";

/** One event of a draw; everything else in its files follows from its events, in order. */
export type Entry =
  | {
      readonly kind: "batch";
      readonly agency: number;
      readonly lines: Buffer;
      /** The agency's next one unless given. */
      readonly sequence?: number;
    }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "seal" }
  | { readonly kind: "draw" }
  | { readonly kind: "told" }
  /** Its JSON; the next number unless given. */
  | { readonly kind: "act"; readonly text: string; readonly sequence?: number };

/** A forger's further change of a record; its checksum is made to fit. */
export type Tamper = (record: LedgerRecord, index: number) => LedgerRecord;

const SEGMENT_BYTES = 2048;

/** The events that the ledger's own code reads from the files. */
export function readStory(files: ReadonlyMap<string, Uint8Array>): Entry[] {
  const entries: Entry[] = [];
  for (let number = 1; files.has(segmentName(number)); number++) {
    const bytes = Buffer.from(files.get(segmentName(number)) ?? []);
    let at = SEGMENT_HEADER_BYTES;
    for (let found = parseRecord(bytes, at); found.kind === "record"; ) {
      entries.push(entryOf(found.record));
      at = found.record.end;
      found = parseRecord(bytes, at);
    }
  }
  return entries;
}

function entryOf({ kind, agency, body: bytes }: LedgerRecord): Entry {
  const body = Buffer.from(bytes);
  switch (kind) {
    case BATCH:
      return { kind: "batch", agency, lines: body };
    case DONE:
      return { kind: "done", agency };
    case SEAL:
      return { kind: "seal" };
    case DRAW:
      return { kind: "draw" };
    case TOLD:
      return { kind: "told" };
    case ACT:
      return { kind: "act", text: body.toString() };
    default:
      return kind satisfies never;
  }
}

/**
 * The evidence with the files of other events: chains, counts, seal, winners and all files fit
 * together. If these events have a draw, the agencies were told its winners.
 */
export function retell(evidence: Evidence, story: readonly Entry[], tamper?: Tamper): Evidence {
  const drawn = story.some(({ kind }) => kind === "draw");
  return {
    ...evidence,
    files: forgeFiles(evidence, story, tamper),
    clients: evidence.clients.map((client) => ({
      ...client,
      winners: drawn ? winnersOf(story, client.agency, evidence.winningNumber) : undefined,
    })),
  };
}

function winnersOf(story: readonly Entry[], agency: number, winningNumber: number): string[] {
  return story
    .flatMap((entry) => (entry.kind === "batch" && entry.agency === agency ? [entry.lines] : []))
    .flatMap((lines) => winnersIn(lines, winningNumber))
    .map((line) => parseLine(line).document);
}

function forgeFiles(
  { draw, winningNumber, agencies }: Evidence,
  story: readonly Entry[],
  tamper: Tamper = (record) => record,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const settings = { version: 2, draw, winningNumber, agencies };
  files.set("draw.json", Buffer.from(JSON.stringify(settings)));
  const records = recordsOf(story, { draw, winningNumber, agencies }).map(tamper);
  writeSegments(files, records, winningNumber);
  const seal = records.find(({ kind }) => kind === SEAL);
  if (seal === undefined || !records.some(({ kind }) => kind === DRAW)) return files;
  const bets = Buffer.concat(records.filter(({ kind }) => kind === BATCH).map(({ body }) => body));
  const digest = {
    sha256: createHash("sha256").update(bets).digest("hex"),
    bytes: bets.length,
  };
  files.set("bets.csv", bets);
  const contents = {
    version: 2,
    draw,
    winningNumber,
    agencies: standings(records, agencies).map(({ agency, batches, bets, head }) => ({
      agency,
      batches,
      bets,
      head: Buffer.from(head).toString("hex"),
    })),
    acts: records
      .filter(({ kind }) => kind === ACT)
      .map(({ body }): unknown => JSON.parse(Buffer.from(body).toString())),
    bets: standings(records, agencies).reduce((sum, { bets }) => sum + bets, 0),
    seal: Buffer.from(seal.head).toString("hex"),
    betsCsvSha256: digest.sha256,
    betsCsvBytes: digest.bytes,
  };
  files.set("seal.json", Buffer.from(JSON.stringify(contents)));
  return files;
}

function recordsOf(
  story: readonly Entry[],
  { draw, winningNumber, agencies }: Pick<Evidence, "draw" | "winningNumber" | "agencies">,
): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  let seal: Uint8Array = FIRST_HEAD;
  for (const [index, entry] of story.entries()) {
    const common = { groupOffset: 0, group: index + 1, agency: 0, sequence: 0, count: 0 };
    switch (entry.kind) {
      case "batch": {
        const { agency, lines } = entry;
        const { batches, head: before } = standing(records, agency);
        const { sequence = batches + 1 } = entry;
        const count = lines.toString("latin1").split("\r\n").length - 1;
        const head = nextHead(before, sequence, count, lines);
        records.push({ ...common, kind: BATCH, agency, sequence, count, head, body: lines });
        break;
      }
      case "done": {
        const { agency } = entry;
        const { batches: sequence, bets, head } = standing(records, agency);
        const body = Buffer.alloc(8);
        body.writeBigUInt64BE(BigInt(bets));
        records.push({ ...common, kind: DONE, agency, sequence, head, body });
        break;
      }
      case "seal":
        seal = sealOf({ draw, agencies: standings(records, agencies), acts: actsOf(records) });
        records.push({ ...common, kind: SEAL, count: agencies, head: seal, body: Buffer.alloc(0) });
        break;
      case "draw": {
        const body = Buffer.alloc(4);
        body.writeUInt32BE(winningNumber);
        records.push({ ...common, kind: DRAW, head: seal, body });
        break;
      }
      case "act": {
        const { count: before, head: last } = actsOf(records);
        const { sequence = before + 1, text } = entry;
        const body = Buffer.from(text);
        const head = nextHead(last, sequence, 0, body);
        records.push({ ...common, kind: ACT, sequence, head, body });
        break;
      }
      case "told":
        records.push({ ...common, kind: TOLD, head: seal, body: Buffer.alloc(0) });
        break;
      default:
        return entry satisfies never;
    }
  }
  return records;
}

function actsOf(records: readonly LedgerRecord[]): { count: number; head: Uint8Array } {
  const acts = records.filter(({ kind }) => kind === ACT);
  return { count: acts.length, head: acts.at(-1)?.head ?? FIRST_HEAD };
}

function standing(records: readonly LedgerRecord[], agency: number): SealedAgency {
  const own = records.filter((record) => record.kind === BATCH && record.agency === agency);
  return {
    agency: agency as AgencyId,
    batches: own.length,
    bets: own.reduce((sum, { count }) => sum + count, 0),
    head: own.at(-1)?.head ?? FIRST_HEAD,
    closedOut: false,
  };
}

function standings(records: readonly LedgerRecord[], agencies: number): SealedAgency[] {
  return Array.from({ length: agencies }, (_, index) => standing(records, index + 1));
}

/** A flush for each record; a segment is summed up when it is full, and the last one, too. */
function writeSegments(
  files: Map<string, Uint8Array>,
  records: readonly LedgerRecord[],
  winningNumber: number,
): void {
  let number = 0;
  let bytes = Buffer.alloc(0);
  let at = 0;
  let summary = new SummaryBuilder(0);
  for (const record of records) {
    if (at + RECORD_HEADER_BYTES + record.body.length > bytes.length) {
      number++;
      bytes = Buffer.alloc(SEGMENT_BYTES);
      encodeSegmentHeader(number, SEGMENT_BYTES).copy(bytes);
      at = SEGMENT_HEADER_BYTES;
      summary = new SummaryBuilder(number);
      files.set(segmentName(number), bytes);
    }
    const end = encodeRecord(record, bytes, at);
    const winners = record.kind === BATCH ? sumWinners(record.body, winningNumber) : NO_WINNERS;
    summary.add(record, winners, at, end);
    files.set(summaryName(number), summary.encode());
    at = end;
  }
}
