import { newlineFieldsDialect } from "../../../../src/protocols/dialects/newline-fields/dialect.ts";
import { asText, serving } from "../../served.ts";

export const serve = serving(newlineFieldsDialect, asText);
