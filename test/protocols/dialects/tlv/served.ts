import { tlvDialect } from "../../../../src/protocols/dialects/tlv/dialect.ts";
import { inHex, serving } from "../../served.ts";

export const serve = serving(tlvDialect, inHex);

export const OK = "0200000000";
export const NOT_YET = "0800000000";
export const NO_WINNERS = "070000000123";
export const REFUSED: string = `0400000022${Buffer.from("Error al procesar el batch enviado").toString("hex")}`;
export const UNKNOWN: string = `040000000e${Buffer.from("Unknown agency").toString("hex")}`;
