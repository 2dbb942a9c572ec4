import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import * as colonLines from "../../src/protocols/dialects/colon-lines/encode.ts";
import * as fixed70 from "../../src/protocols/dialects/fixed70/encode.ts";
import * as md5Frames from "../../src/protocols/dialects/md5-frames/encode.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import { PREFACE } from "../../src/protocols/dialects/native/wire.ts";
import * as newlineFields from "../../src/protocols/dialects/newline-fields/encode.ts";
import * as tlv from "../../src/protocols/dialects/tlv/encode.ts";
import { CentralProcess } from "../abuse/central-process.ts";
import type { AnswerSize } from "../abuse/dialogue.ts";
import { RawPeer } from "../abuse/raw-peer.ts";
import { tempDir } from "../support/temp-dir.ts";

const AGENCY = 1 as AgencyId;
const BATCH_BETS = 140;
const WINDOW = 40;
const FIRST_DOCUMENT = 30_000_000;
const STOP_GRACE_MS = 60_000;

const FRAME: AnswerSize = (received) =>
  received.length < 4 ? undefined : 4 + received.readUInt32BE();
const WELCOME = 0x81;
const ACK = 0x82;
const BUSY = 0x84;
const DRAWN = 0x85;

export interface ManyWinners {
  readonly batches: number;
  /** The heap that V8 may have: less than so many winners would take in it. */
  readonly heapMiB: number;
  /**
   * Whether the winners are asked for in every dialect, not only in native: then all answers are in
   * this process's memory.
   */
  readonly everyDialect: boolean;
}

/**
 * One agency sends only winning bets to a central with a small heap, which is stopped before the
 * draw and killed after it. In its last life it still tells all of them.
 */
export async function playManyWinners(t: TestContext, play: ManyWinners): Promise<void> {
  const { batches, heapMiB } = play;
  const folder = await tempDir(t);
  const start = async (): Promise<CentralProcess> => {
    const central = await CentralProcess.start({
      folder,
      nodeOptions: [`--max-old-space-size=${heapMiB}`],
      settings: { SERVER_AGENCIES: "1" },
    });
    t.after(() => central.close());
    return central;
  };
  const first = await start();
  const head = await sendAll(first, batches);
  assert.equal((await first.stop(STOP_GRACE_MS)).status, 0);

  const second = await start();
  const done = encodeClient({ kind: "done", batches, bets: batches * BATCH_BETS, head });
  await hearDrawn(second, batches * BATCH_BETS, done);
  await second.close();

  const third = await start();
  await hearDrawn(third, batches * BATCH_BETS);
  if (play.everyDialect) await askInEveryDialect(third, batches * BATCH_BETS);
  assert.equal((await third.stop(STOP_GRACE_MS)).status, 0);
}

/** @returns the agency's chain head */
async function sendAll(central: CentralProcess, batches: number): Promise<Buffer> {
  const peer = await greet(central);
  /** After each batch. */
  const heads: Buffer[] = [FIRST_HEAD];
  let sent = 0;
  let acknowledged = 0;
  while (acknowledged < batches) {
    while (sent < batches && sent - acknowledged < WINDOW) {
      sent++;
      const lines = linesOf(sent);
      heads[sent] ??= nextHead(heads[sent - 1] ?? FIRST_HEAD, sent, BATCH_BETS, lines);
      peer.say(encodeClient({ kind: "batch", sequence: sent, count: BATCH_BETS, lines }));
    }
    const answer = await peer.hear(FRAME);
    if (answer[4] === ACK) {
      acknowledged = Number(answer.readBigUInt64BE(5));
      continue;
    }
    assert.equal(answer[4], BUSY);
    // Every later batch is also busy, or leaves a gap: all of them are sent again.
    for (let left = sent - acknowledged - 1; left > 0; left--) await peer.hear(FRAME);
    sent = acknowledged;
  }
  peer.reset();
  return heads[batches] ?? FIRST_HEAD;
}

async function hearDrawn(central: CentralProcess, total: number, say?: Buffer): Promise<void> {
  const peer = await greet(central);
  if (say !== undefined) {
    peer.say(say);
    assert.equal((await peer.hear(FRAME))[4], ACK);
  }
  for (let told = 0; told < total; ) {
    const frame = await peer.hear(FRAME);
    assert.equal(frame[4], DRAWN);
    assert.deepEqual([frame.readUInt32BE(39), frame.readUInt32BE(43)], [total, told]);
    let at = 49;
    for (let left = frame.readUInt16BE(47); left > 0; left--, told++) {
      const end = at + 1 + (frame[at] ?? 0);
      assert.equal(frame.toString("latin1", at + 1, end), documentAt(told));
      at = end;
    }
  }
  peer.reset();
}

async function greet(central: CentralProcess): Promise<RawPeer> {
  const peer = await RawPeer.connect(central);
  const hello = { kind: "hello", agency: AGENCY, draw: "", credentials: Buffer.alloc(0) } as const;
  peer.say(Buffer.concat([PREFACE, encodeClient(hello)]));
  assert.equal((await peer.hear(FRAME))[4], WELCOME);
  return peer;
}

async function askInEveryDialect(central: CentralProcess, total: number): Promise<void> {
  const documents = Array.from({ length: total }, (_, index) => documentAt(index));
  const question = { kind: "question", agency: AGENCY } as const;
  const asked = md5Frames.encodeAgency(question);
  const winners = { kind: "winners", documents } as const;
  const bets = documents.map((document) => betWith(document));
  const zero = fixed70.encodeAgency({ kind: "zero" });
  const conversations: readonly (readonly (readonly [said: Buffer, answer: Buffer])[])[] = [
    [[tlv.encodeAgency(question), tlv.encodeCentral(winners)]],
    [[asked, md5Frames.encodeCentral({ ...winners, identifier: asked.subarray(6, 22) })]],
    [[newlineFields.encodeAgency(question), newlineFields.encodeCentral(winners)]],
    [
      // The first zero of an agency without bets is an empty batch.
      [
        Buffer.concat([fixed70.encodeAgency({ kind: "hello", agency: AGENCY }), zero]),
        fixed70.encodeCentral({ kind: "confirmation", version: "final" }),
      ],
      [zero, fixed70.encodeCentral(winners)],
    ],
    [
      [
        colonLines.encodeQuestion(AGENCY),
        colonLines.encodeCentral({ kind: "winners", winners: bets }),
      ],
    ],
  ];
  // One after the other, because in some dialects a connection takes over from the one before.
  for (const turns of conversations) {
    const peer = await RawPeer.connect(central);
    for (const [said, expected] of turns) {
      peer.say(said);
      const answer = await peer.hear(() => expected.length);
      assert.ok(answer.equals(expected));
    }
    peer.reset();
  }
}

function betWith(document: string): Bet {
  return {
    agency: AGENCY,
    firstName: "Ana",
    lastName: "Paz",
    document,
    birthdate: "1990-01-31",
    number: 7574,
  };
}

function linesOf(sequence: number): Buffer {
  const first = (sequence - 1) * BATCH_BETS;
  let lines = "";
  for (let index = first; index < first + BATCH_BETS; index++) {
    lines += `${AGENCY},Ana,Paz,${documentAt(index)},1990-01-31,7574\r\n`;
  }
  return Buffer.from(lines);
}

function documentAt(index: number): string {
  return String(FIRST_DOCUMENT + index);
}
