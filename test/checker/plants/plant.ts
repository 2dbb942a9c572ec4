import assert from "node:assert/strict";
import type { BatchEvidence, ClientEvidence, Evidence } from "../evidence.ts";
import { type Entry, readStory, retell, type Tamper } from "../forge.ts";
import type { Rule } from "../violation.ts";

/** A sound draw that was damaged in one way. */
export type Plant = (sound: Evidence) => Evidence;

/** The rule that reports it, its name, and the change. */
export type Planted = readonly [rule: Rule, what: string, plant: Plant];

export type Batch = Extract<Entry, { kind: "batch" }>;

/** Changes the events; the files are right for these events, except for what is tampered with. */
export function story(change: (story: Entry[]) => Entry[], tamper?: Tamper): Plant {
  return (sound) => retell(sound, change(readStory(sound.files)), tamper);
}

export const same = (entries: Entry[]): Entry[] => entries;

/** Changes the n-th record, from 0, and nothing else; its checksum fits. */
export function record(
  at: number,
  change: (fields: Parameters<Tamper>[0]) => Partial<ReturnType<Tamper>>,
): Plant {
  return story(same, (fields, index) => (index === at ? { ...fields, ...change(fields) } : fields));
}

/** Changes the evidence of one agency. */
export function client(
  agency: number,
  change: (client: ClientEvidence) => Partial<ClientEvidence>,
): Plant {
  return (sound) => ({
    ...sound,
    clients: sound.clients.map((one) => (one.agency === agency ? { ...one, ...change(one) } : one)),
  });
}

export function answered(agency: number, sequence: number, answer: BatchEvidence["answer"]): Plant {
  return client(agency, ({ batches }) => ({
    batches: batches.map((one, index) => (index === sequence - 1 ? { ...one, answer } : one)),
  }));
}

export function both(first: Plant, second: Plant): Plant {
  return (sound) => second(first(sound));
}

export function file(name: string, change: (bytes: Buffer) => Uint8Array | undefined): Plant {
  return (sound) => {
    const files = new Map(sound.files);
    const bytes = change(Buffer.from(files.get(name) ?? []));
    if (bytes === undefined) files.delete(name);
    else files.set(name, bytes);
    return { ...sound, files };
  };
}

export function acknowledged(lines: Uint8Array): BatchEvidence {
  return { lines, answer: "acknowledged" };
}

/** An agency of which nothing is known. */
export function nobody(agency: number): ClientEvidence {
  return {
    agency,
    batches: [],
    done: false,
    winners: undefined,
    received: [],
    markers: [],
    mayRepeat: false,
  };
}

export function batch(agency: number, lines: Uint8Array): Batch {
  return { kind: "batch", agency, lines: Buffer.from(lines) };
}

/** All lines but the first. */
export function restLines(lines: Buffer): Buffer {
  return lines.subarray(lines.indexOf("\n") + 1);
}

/** The lines, the last one first. */
export function reversed(lines: Buffer): Buffer {
  const rows = lines.toString("latin1").split("\r\n").slice(0, -1);
  return Buffer.from(`${rows.toReversed().join("\r\n")}\r\n`, "latin1");
}

export function swapped(entries: Entry[], one: number, other: number): Entry[] {
  const [first, second] = [entries[one], entries[other]];
  assert.ok(first && second);
  return entries.with(one, second).with(other, first);
}

const withoutDraw = story((entries) =>
  entries.filter(({ kind }) => kind !== "draw" && kind !== "told"),
);

/** The draw is sealed and not drawn, and nothing shows a draw. */
export function undrawn(sound: Evidence): Evidence {
  return {
    ...withoutDraw(sound),
    over: false,
    agencyLog: [],
    centralLog: sound.centralLog.filter((line) => !line.includes("sorteo")),
  };
}

/** Flips a bit of one byte. */
export function flipped(at: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    return bytes;
  };
}
