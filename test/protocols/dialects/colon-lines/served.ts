import { colonLinesDialect } from "../../../../src/protocols/dialects/colon-lines/dialect.ts";
import type { MemoryDesk } from "../../memory-desk.ts";
import { Served as AnyServed } from "../../served.ts";

/** The central's side of one colon-lines connection: what it says is text. */
export class Served extends AnyServed {
  constructor(desk: MemoryDesk, courseFrameBytesMax?: number) {
    super(
      colonLinesDialect,
      desk,
      courseFrameBytesMax === undefined ? {} : { courseFrameBytesMax },
    );
  }

  async say(...chunks: readonly (string | Uint8Array)[]): Promise<string> {
    return Buffer.concat(await this.bring(...chunks)).toString();
  }

  async wait(ms: number): Promise<string> {
    return Buffer.concat(await this.pass(ms)).toString();
  }

  async settled(): Promise<string> {
    return Buffer.concat(await this.hear()).toString();
  }
}
