import { tlvDialect } from "../../../../src/protocols/dialects/tlv/dialect.ts";
import { Served as AnyServed } from "../../served.ts";
import { WatchedDesk } from "../../watched-desk.ts";

/** The central's side of one tlv connection: what it says is hex, one text for each write. */
export class Served extends AnyServed<WatchedDesk> {
  constructor(desk = new WatchedDesk(3)) {
    super(tlvDialect, desk);
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

export const OK = "0200000000";
export const NOT_YET = "0800000000";
export const NO_WINNERS = "070000000123";
export const REFUSED: string = `0400000022${Buffer.from("Error al procesar el batch enviado").toString("hex")}`;
export const UNKNOWN: string = `040000000e${Buffer.from("Unknown agency").toString("hex")}`;
