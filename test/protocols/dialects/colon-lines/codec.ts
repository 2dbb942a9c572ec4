import { createColonLinesClientDecoder } from "../../../../src/protocols/dialects/colon-lines/decode.ts";
import { FakeCentral, type Replying } from "../../fake-central.ts";
import { SERVE_LIMITS } from "../../serve-context.ts";

const createDecoder = () => createColonLinesClientDecoder(SERVE_LIMITS);

export function fakeCentral(reply?: Replying): FakeCentral {
  return new FakeCentral(reply === undefined ? { createDecoder } : { createDecoder, reply });
}
