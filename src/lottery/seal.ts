import { hash } from "node:crypto";
import type { AgencyId } from "./bet.ts";
import type { Standing } from "./standing.ts";

/** What the seal fixes for one agency. */
export interface SealedAgency {
  readonly agency: AgencyId;
  readonly batches: number;
  readonly bets: number;
  readonly head: Uint8Array;
}

/** What the seal fixes for an agency with this standing. */
export function sealedAgency(agency: AgencyId, standing: Standing): SealedAgency {
  return {
    agency,
    batches: standing.nextSequence - 1,
    bets: standing.bets,
    head: standing.head,
  };
}

/**
 * The seal of a draw: a SHA-256 over the draw's name and every agency's counts and chain head, and through
 * the heads over every bet. This text is hashed, with an LF at the end of every line:
 *
 * ```
 * quiniela/1 seal
 * draw <name>
 * agency <number> batches <n> bets <n> head <64 hex digits>     (by ascending number)
 * ```
 */
export function sealOf(draw: string, agencies: readonly SealedAgency[]): Buffer {
  const lines = agencies
    .toSorted((a, b) => a.agency - b.agency)
    .map(
      ({ agency, batches, bets, head }) =>
        `agency ${agency} batches ${batches} bets ${bets} head ${Buffer.from(head).toString("hex")}\n`,
    );
  return hash("sha256", `quiniela/1 seal\ndraw ${draw}\n${lines.join("")}`, "buffer");
}
