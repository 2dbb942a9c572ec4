import type { AgencyLink, OutgoingBatch } from "../../../../src/protocols/agency-link.ts";
import { createClientDecoder } from "../../../../src/protocols/dialects/native/decode.ts";
import { createNativeDialer } from "../../../../src/protocols/dialects/native/dial.ts";
import { encodeCentral } from "../../../../src/protocols/dialects/native/encode.ts";
import type {
  CentralMessage,
  ClientMessage,
  Welcome,
} from "../../../../src/protocols/dialects/native/wire.ts";
import { FakeCentral } from "../../fake-central.ts";
import { bets, outgoing as outgoingBets } from "../../plain-bets.ts";

export const WELCOME: Welcome = {
  kind: "welcome",
  draw: "1",
  state: "open",
  done: false,
  chainKnown: true,
  nextSequence: 1,
  bets: 0,
  head: Buffer.alloc(32),
  window: 64,
  frameBytesMax: 8192,
};

const createDecoder = () => createClientDecoder({ frameBytesMax: 8192 });

/** A central that says what the test tells it to, and welcomes agencies. */
export class ScriptedCentral extends FakeCentral<ClientMessage, CentralMessage> {
  constructor({ deaf = false, dialer = createNativeDialer() } = {}) {
    super({ createDecoder, encode: encodeCentral, dialer, deaf });
  }

  /** Dials and is welcomed. */
  async open(welcome: Partial<Welcome> = {}): Promise<AgencyLink> {
    const dialled = this.dial();
    await this.hear();
    this.say({ ...WELCOME, ...welcome });
    return dialled;
  }
}

/** A batch of so many bets. */
export function outgoing(sequence: number, count = 1): OutgoingBatch {
  return outgoingBets(bets(count), sequence);
}
