import type { AgencyId } from "./bet.ts";
import { type Sealed, type SealedAgency, type SealProof, SealTree } from "./seal.ts";

/** What a seal has of one agency, and how to show it. */
export interface SealShare {
  readonly sealed: SealedAgency;
  readonly proof: SealProof;
}

/** The proofs of one seal, for all of its agencies: the tree is computed once. */
export class SealProofs {
  readonly #sealed: Sealed;
  readonly #tree: SealTree;

  constructor(sealed: Sealed) {
    this.#sealed = sealed;
    this.#tree = new SealTree(sealed.agencies);
  }

  /** @throws RangeError for an agency that the seal does not have */
  of(agency: AgencyId): SealShare {
    const { draw, agencies, acts } = this.#sealed;
    const index = indexOf(agencies, agency);
    const sealed = agencies[index];
    if (sealed?.agency !== agency) {
      throw new RangeError(
        `Cannot prove agency ${agency}: the seal of draw ${draw} does not have it`,
      );
    }
    return {
      sealed,
      proof: { agencies: agencies.length, index, path: this.#tree.pathTo(index), acts },
    };
  }
}

/** The place of an agency among others by ascending number, or that of the next one. */
function indexOf(agencies: readonly SealedAgency[], agency: AgencyId): number {
  let [low, high] = [0, agencies.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((agencies[middle]?.agency ?? agency) < agency) low = middle + 1;
    else high = middle;
  }
  return low;
}
