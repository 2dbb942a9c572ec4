import { colonLinesDriver } from "./colon-lines.ts";
import type { Driver } from "./driver.ts";
import { fixed70Driver } from "./fixed70.ts";
import { md5FramesDriver } from "./md5-frames.ts";
import { nativeDriver } from "./native.ts";
import { newlineFieldsDriver } from "./newline-fields.ts";
import { tlvDriver } from "./tlv.ts";

/** What can be loaded, by the names that agencies go by. A test holds them against each other. */
export const DRIVERS: ReadonlyMap<string, Driver> = new Map([
  ["native", nativeDriver],
  ["fixed70", fixed70Driver("final")],
  ["fixed70/ej6", fixed70Driver("ej6")],
  ["colon-lines", colonLinesDriver("ej8")],
  ["colon-lines/ej6", colonLinesDriver("ej6")],
  ["colon-lines/ej7", colonLinesDriver("ej7")],
  ["tlv", tlvDriver("final")],
  ["tlv/ej6", tlvDriver("ej6")],
  ["md5-frames", md5FramesDriver("final")],
  ["md5-frames/ej6", md5FramesDriver("ej6")],
  ["newline-fields", newlineFieldsDriver("final")],
  ["newline-fields/ej6", newlineFieldsDriver("ej6")],
  ["newline-fields/ej7", newlineFieldsDriver("ej7")],
]);
