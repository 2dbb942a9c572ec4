import { fixed70Dialect } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import type { FakeClock } from "../../../support/fake-clock.ts";
import type { MemoryDesk } from "../../memory-desk.ts";
import { Served as AnyServed } from "../../served.ts";

/** The central's side of one fixed70 connection: what it says is hex, one text for each write. */
export class Served extends AnyServed {
  constructor(desk: MemoryDesk, clock?: FakeClock) {
    super(fixed70Dialect, desk, clock === undefined ? {} : { clock });
  }

  async say(...chunks: readonly Uint8Array[]): Promise<string[]> {
    return hex(await this.bring(...chunks));
  }

  async answers(): Promise<string[]> {
    return hex(await this.hear());
  }
}

function hex(answers: readonly Buffer[]): string[] {
  return answers.map((bytes) => bytes.toString("hex"));
}
