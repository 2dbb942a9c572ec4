import { type LinkResults, unsound } from "../../agency-link.ts";
import type { Drawn } from "./messages.ts";

/** Puts an agency's results together from their frames. */
export class ResultsCollector {
  readonly #winners: string[] = [];
  #first: { winningNumber: number; seal: Buffer; total: number } | undefined;

  /**
   * @param betsMax bets that this agency has: there cannot be more winners
   * @returns the results, with the last frame
   * @throws LinkError
   */
  take(drawn: Drawn, betsMax: number): LinkResults | undefined {
    const { winningNumber, total, index, documents } = drawn;
    const first = (this.#first ??= { winningNumber, seal: Buffer.from(drawn.seal), total });
    if (
      winningNumber !== first.winningNumber ||
      total !== first.total ||
      !first.seal.equals(drawn.seal)
    ) {
      throw unsound("its results contradict each other");
    }
    if (total > betsMax) throw unsound(`it names ${total} winners among ${betsMax} bets`);
    const end = index + documents.length;
    const empty = documents.length === 0 && end < total;
    if (index !== this.#winners.length || end > total || empty) {
      throw unsound(
        `its results go from winner ${index} to ${end} of ${total}, ${this.#winners.length} is next`,
      );
    }
    this.#winners.push(...documents);
    return end < total ? undefined : { winners: this.#winners, winningNumber, seal: first.seal };
  }
}
