import { colonLinesDialect } from "../../../../src/protocols/dialects/colon-lines/dialect.ts";
import { joined, serving } from "../../served.ts";

export const serve = serving(colonLinesDialect, joined);
