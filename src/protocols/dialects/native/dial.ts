import {
  type AgencyDialer,
  type AgencyLink,
  type Connection,
  type DialContext,
  unsound,
} from "../../agency-link.ts";
import { Channel, type ChannelListener, openConnection } from "../../kit/channel.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createCentralDecoder } from "./decode.ts";
import { encodeClient } from "./encode.ts";
import { BATCH_OVERHEAD_BYTES, FRAME_BYTES_MAX, PREFACE } from "./layout.ts";
import { NativeLink } from "./link.ts";
import { expectNoEnd, greetingLeft } from "./link-errors.ts";
import type { CentralMessage } from "./messages.ts";

/** @param timer other than Node's own in tests */
export function createNativeDialer(timer: StartTimer = startTimer): AgencyDialer {
  return {
    measure: {
      overheadBytes: BATCH_OVERHEAD_BYTES,
      betBytes: (_bet, lineBytes) => lineBytes,
    },
    async dial(context) {
      return greet(await openConnection(context), context, timer);
    },
  };
}

/** Sends HELLO and waits for WELCOME; the link takes the channel over as soon as that is read. */
function greet(duplex: Connection, context: DialContext, timer: StartTimer): Promise<AgencyLink> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const greeter: ChannelListener<CentralMessage> = {
      awaiting: true,
      // An end that the central has made itself comes after it has read whatever it was to read.
      failed: (error) =>
        reject(answered || error.code !== "CONNECTION_LOST" ? error : greetingLeft(error)),
      message(message) {
        answered = true;
        expectNoEnd(message);
        if (message.kind !== "welcome") {
          throw unsound(`it answers HELLO with ${message.kind.toUpperCase()}`);
        }
        if (context.draw !== "" && message.draw !== context.draw) {
          throw unsound("it welcomes to another draw than was asked for");
        }
        resolve(new NativeLink(channel, message, timer));
      },
    };
    const channel = new Channel({
      duplex,
      context,
      decoder: createCentralDecoder({ frameBytesMax: FRAME_BYTES_MAX }),
      listener: greeter,
      startTimer: timer,
    });
    const { agency, draw } = context;
    const hello = encodeClient({ kind: "hello", agency, draw, credentials: NO_CREDENTIALS });
    channel.send(Buffer.concat([PREFACE, hello]));
  });
}

const NO_CREDENTIALS = new Uint8Array(0);
