import type { DialContext } from "../../agency-link.ts";
import { Asker } from "../../kit/asker.ts";
import type { StartTimer } from "../../timers.ts";
import { createTlvCentralDecoder } from "./decode.ts";
import { encodeAgency } from "./encode.ts";
import { ANSWER_BYTES_MAX, HEADER_BYTES, PIECE_BYTES_MAX } from "./layout.ts";
import type { AgencyMessage, CentralMessage } from "./messages.ts";

export type TlvAsker = Asker<CentralMessage>;

/** Connects. @throws LinkError CONNECT_FAILED */
export function openTlv(context: DialContext, startTimer: StartTimer): Promise<TlvAsker> {
  const limits = { frameBytesMax: ANSWER_BYTES_MAX };
  const createDecoder = () => createTlvCentralDecoder(limits);
  return Asker.open({ context, createDecoder, startTimer });
}

/**
 * Sends a packet and waits for the answer. The course's central reads the header, then pieces of
 * {@link PIECE_BYTES_MAX}, and spoils what it gets in other pieces: each one is a write of its own.
 * The first piece goes with the header, because a network may hold it back behind one.
 *
 * @throws LinkError
 */
export function exchange(asker: TlvAsker, message: AgencyMessage): Promise<CentralMessage> {
  const packet = encodeAgency(message);
  let at = 0;
  let end = HEADER_BYTES + PIECE_BYTES_MAX;
  for (; end < packet.length; end += PIECE_BYTES_MAX) {
    asker.tell(packet.subarray(at, end));
    at = end;
  }
  return asker.ask(packet.subarray(at));
}
