import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { seed, seedNote } from "../../../support/seed.ts";
import { anyPlaces } from "../../arbitrary.ts";
import { cutAt } from "../../cuts.ts";
import { clientMessages } from "./arbitrary-messages.ts";
import { decoderFor, encode, type Message, messagesOf } from "./codec.ts";

it(`native gives back any messages of a client, however the bytes are cut (${seedNote})`, () => {
  fc.assert(
    fc.property(fc.array(clientMessages, { maxLength: 8 }), anyPlaces, (messages, places) => {
      const bytes = Buffer.concat(messages.map((message) => encode("client", message)));
      const decoder = decoderFor("client");
      const decoded = messagesOf(decoder, cutAt(bytes, places));
      assert.deepEqual(decoded.map(plain), messages.map(plain));
      assert.equal(decoder.end(), undefined);
    }),
    { seed },
  );
});

/** fast-check's records have no prototype; equality here is about fields. */
function plain(message: Message): Message {
  return { ...message };
}
