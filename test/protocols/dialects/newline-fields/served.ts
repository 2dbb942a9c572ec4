import { newlineFieldsDialect } from "../../../../src/protocols/dialects/newline-fields/dialect.ts";
import type { MemoryDesk } from "../../memory-desk.ts";
import { Served as AnyServed } from "../../served.ts";

/** The central's side of one newline-fields connection: what it says is text, one for each write. */
export class Served extends AnyServed {
  constructor(desk: MemoryDesk, courseFrameBytesMax?: number) {
    super(
      newlineFieldsDialect,
      desk,
      courseFrameBytesMax === undefined ? {} : { courseFrameBytesMax },
    );
  }

  async say(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
    return texts(await this.bring(...chunks));
  }

  async wait(ms: number): Promise<string[]> {
    return texts(await this.pass(ms));
  }

  async answers(): Promise<string[]> {
    return texts(await this.hear());
  }

  /** What was logged, as `level action: error or reason`. */
  get log(): string[] {
    return this.peer.events.map(({ level, event }) =>
      [level, `${event.action}:`, event["code"] ?? event["reason"]].join(" "),
    );
  }
}

function texts(answers: readonly Buffer[]): string[] {
  return answers.map((bytes) => bytes.toString());
}
