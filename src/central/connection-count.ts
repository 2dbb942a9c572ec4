import type { CentralLimits } from "../config/central-config.ts";
import { plural } from "../lottery/plural.ts";

export type ConnectionLimits = Pick<CentralLimits, "connectionsMax" | "connectionsPerAddressMax">;

/** Counts connections, in total and by address, against their limits. */
export class ConnectionCount {
  readonly #limits: ConnectionLimits;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /**
   * Counts one connection more.
   * @returns why it is not admitted, and then not counted; undefined when it is
   */
  admit(address: string): string | undefined {
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    if (this.#total >= connectionsMax)
      return `${plural(this.#total, "connection")}, max ${connectionsMax}`;
    const here = this.#byAddress.get(address) ?? 0;
    if (connectionsPerAddressMax > 0 && here >= connectionsPerAddressMax) {
      return `${plural(here, "connection")} from this address, max ${connectionsPerAddressMax}`;
    }
    this.#total++;
    this.#byAddress.set(address, here + 1);
    return undefined;
  }

  /** Counts one admitted connection less. */
  release(address: string): void {
    this.#total--;
    const here = this.#byAddress.get(address) ?? 0;
    if (here > 1) this.#byAddress.set(address, here - 1);
    else this.#byAddress.delete(address);
  }
}
