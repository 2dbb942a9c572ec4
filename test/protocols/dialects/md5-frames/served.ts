import { md5FramesDialect } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import { Served as AnyServed } from "../../served.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { payloadIn } from "./codec.ts";

/** The central's side of one md5-frames connection: what it says are payloads, one for each write. */
export class Served extends AnyServed<WatchedDesk> {
  constructor(desk = new WatchedDesk(3)) {
    super(md5FramesDialect, desk);
  }

  async say(...chunks: readonly Uint8Array[]): Promise<string[]> {
    return payloads(await this.bring(...chunks));
  }

  async answers(): Promise<string[]> {
    return payloads(await this.hear());
  }
}

function payloads(answers: readonly Buffer[]): string[] {
  return answers.map((bytes) => payloadIn(bytes).toString());
}

export const SUCCESS = "{result:success}";
export const FAILURE = "{result:failure}";
export const NO_WINNERS = "{ganadores:}";
