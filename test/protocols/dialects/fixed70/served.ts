import { fixed70Dialect } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import { inHex, serving } from "../../served.ts";

export const serve = serving(fixed70Dialect, inHex);
