import { hash } from "node:crypto";
import type { AgencyId } from "./bet.ts";
import { HEAD_BYTES } from "./chain.ts";
import type { Standing } from "./standing.ts";

/** What the seal fixes for one agency. */
export interface SealedAgency {
  readonly agency: AgencyId;
  readonly batches: number;
  readonly bets: number;
  readonly head: Uint8Array;
  /** Whether the draw was closed before the agency was done. */
  readonly closedOut: boolean;
}

/** The acts before the seal: how many, and the head of their chain. */
export interface SealedActs {
  readonly count: number;
  readonly head: Uint8Array;
}

/** What a seal commits to. */
export interface Sealed {
  readonly draw: string;
  /** By ascending number. */
  readonly agencies: readonly SealedAgency[];
  readonly acts: SealedActs;
}

/** What the seal fixes for an agency with this standing. */
export function sealedAgency(
  agency: AgencyId,
  { nextSequence, bets, head, closedOut = false }: Standing,
): SealedAgency {
  return { agency, batches: nextSequence - 1, bets, head, closedOut };
}

/**
 * The seal of a draw: a SHA-256 over the draw's name, every agency's counts and chain head, through the heads
 * over every bet, and over all that operators and the clock did before. This text is hashed, with an LF at
 * the end of every line:
 *
 * ```
 * quiniela/2 seal
 * draw <name>
 * agencies <n> root <64 hex digits>
 * acts <n> head <64 hex digits>
 * ```
 *
 * The root is that of a Merkle tree over the agencies, as in RFC 6962, so that one agency can be shown that
 * the seal has its head, and learns nothing of the others: {@link SealProof}.
 */
export function sealOf({ draw, agencies, acts }: Sealed): Buffer {
  return sealFrom(draw, agencies.length, new SealTree(agencies).root, acts);
}

function sealFrom(draw: string, count: number, root: Uint8Array, acts: SealedActs): Buffer {
  const text =
    `quiniela/2 seal\ndraw ${draw}\nagencies ${count} root ${hex(root)}\n` +
    `acts ${acts.count} head ${hex(acts.head)}\n`;
  return hash("sha256", text, "buffer");
}

/** The seal of draws that were begun before operators' acts existed: docs/ledger.md. */
export function firstSealOf(draw: string, agencies: readonly SealedAgency[]): Buffer {
  const lines = agencies.map((agency) => `${agencyLine(agency)}\n`);
  return hash("sha256", `quiniela/1 seal\ndraw ${draw}\n${lines.join("")}`, "buffer");
}

/** Shows that a seal has one agency's line, without the lines of the others. */
export interface SealProof {
  /** How many agencies the seal has, and the place of this one among them, from 0. */
  readonly agencies: number;
  readonly index: number;
  /** The hashes beside the way from the agency's leaf up to the root. */
  readonly path: readonly Uint8Array[];
  readonly acts: SealedActs;
}

/** The seal that follows from one agency's line and a proof; undefined when the proof has a wrong shape. */
export function sealByProof(
  draw: string,
  agency: SealedAgency,
  { agencies: count, index, path, acts }: SealProof,
): Buffer | undefined {
  if (!(Number.isInteger(count) && Number.isInteger(index) && index >= 0 && index < count)) {
    return undefined;
  }
  const beside = path.values();
  let found = leafOf(agency);
  let at = index;
  for (let size = count; size > 1; size = Math.ceil(size / 2), at = Math.floor(at / 2)) {
    if ((at ^ 1) >= size) continue;
    const { value, done } = beside.next();
    if (done === true || value.length !== HEAD_BYTES) return undefined;
    found = at % 2 === 0 ? nodeOf(found, value) : nodeOf(value, found);
  }
  return beside.next().done === true ? sealFrom(draw, count, found, acts) : undefined;
}

/**
 * The Merkle tree over the agencies of a seal. A leaf is `SHA-256(0x00 ‖ line)`, a node
 * `SHA-256(0x01 ‖ left ‖ right)`; a node without a neighbour goes up as it is.
 */
export class SealTree {
  /** The hashes of each level one after the other, from the leaves up to the root: there may be 100,000. */
  readonly #levels: Buffer[];

  /** @param agencies by ascending number */
  constructor(agencies: readonly SealedAgency[]) {
    let level = Buffer.alloc(agencies.length * HEAD_BYTES);
    for (const [index, agency] of agencies.entries()) level.set(leafOf(agency), index * HEAD_BYTES);
    this.#levels = [level];
    while (level.length > HEAD_BYTES) {
      level = levelAbove(level);
      this.#levels.push(level);
    }
  }

  /** 32 bytes; of no agencies, the SHA-256 of nothing. */
  get root(): Buffer {
    const top = this.#levels.at(-1);
    return top === undefined || top.length === 0 ? hash("sha256", "", "buffer") : top;
  }

  /** The hashes beside the way from a leaf up to the root. @param index from 0 */
  pathTo(index: number): Buffer[] {
    let at = index;
    return this.#levels.flatMap((level) => {
      const beside = hashAt(level, at ^ 1);
      at = Math.floor(at / 2);
      return beside.length === 0 ? [] : [beside];
    });
  }
}

function agencyLine({ agency, batches, bets, head, closedOut }: SealedAgency): string {
  const line = `agency ${agency} batches ${batches} bets ${bets} head ${hex(head)}`;
  return closedOut ? `${line} closed-out` : line;
}

function leafOf(agency: SealedAgency): Buffer {
  return hash("sha256", `\0${agencyLine(agency)}`, "buffer");
}

function levelAbove(level: Buffer): Buffer<ArrayBuffer> {
  const nodes = Math.ceil(level.length / HEAD_BYTES / 2);
  const above = Buffer.alloc(nodes * HEAD_BYTES);
  for (let index = 0; index < nodes; index++) {
    const [left, right] = [hashAt(level, 2 * index), hashAt(level, 2 * index + 1)];
    above.set(right.length === 0 ? left : nodeOf(left, right), index * HEAD_BYTES);
  }
  return above;
}

/** A view; empty behind the end of the level. */
function hashAt(level: Buffer, index: number): Buffer {
  return level.subarray(index * HEAD_BYTES, (index + 1) * HEAD_BYTES);
}

const pair = Buffer.alloc(1 + 2 * HEAD_BYTES, 1);

function nodeOf(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HEAD_BYTES);
  return hash("sha256", pair, "buffer");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
