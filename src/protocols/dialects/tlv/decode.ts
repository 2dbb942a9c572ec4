import { isUtf8 } from "node:buffer";
import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { BetsReader } from "./bets-reader.ts";
import { TlvPackets } from "./framing.ts";
import { CODES, DELIMITER, HEADER_BYTES } from "./layout.ts";
import type { CentralMessage, ClientMessage } from "./messages.ts";
import { plural } from "../../../lottery/plural.ts";

/** Decodes what a client sends. Packets of other codes than a client's are skipped. */
export function createTlvClientDecoder(limits: FrameLimits): SteppedDecoder<ClientMessage> {
  const bets = new BetsReader();
  return createFrameDecoder(
    new TlvPackets(limits.frameBytesMax, (code, packet) => parseClient(code, packet, bets)),
  );
}

/** Decodes what a central sends. The messages own what they hold. */
export function createTlvCentralDecoder(limits: FrameLimits): Decoder<CentralMessage> {
  return createFrameDecoder(new TlvPackets(limits.frameBytesMax, parseCentral));
}

function parseClient(code: number, packet: Buffer, bets: BetsReader): ClientMessage | undefined {
  switch (code) {
    case CODES.close:
      return { kind: "close" };
    case CODES.bet:
      return bets.single(packet);
    case CODES.batch: {
      const end = packet.indexOf(DELIMITER, HEADER_BYTES);
      const count = decimal(packet, HEADER_BYTES, Math.max(end, HEADER_BYTES));
      if (Number.isNaN(count)) throw malformed("batch", "its count is no number");
      if (count === 0 && end + 1 === packet.length) return { kind: "empty-batch" };
      return bets.batch(packet, end + 1, count);
    }
    case CODES.done:
      return { kind: "done", agency: parseAgency(packet, "end of bets") };
    case CODES.question:
      return { kind: "question", agency: parseAgency(packet, "question") };
    default:
      return undefined;
  }
}

function parseCentral(code: number, packet: Buffer): CentralMessage {
  switch (code) {
    case CODES.ok:
      expectEmpty(packet, "confirmation");
      return { kind: "ok" };
    case CODES.refused:
      return { kind: "refused", text: parseText(packet, "refusal") };
    case CODES.winners: {
      const text = parseText(packet, "winners");
      if (text !== "" && !text.endsWith("#")) throw malformed("winners", "the last # is missing");
      const documents = text.slice(0, -1);
      return { kind: "winners", documents: documents === "" ? [] : documents.split("#") };
    }
    case CODES.notYet:
      expectEmpty(packet, "answer");
      return { kind: "not-yet" };
    default:
      throw new ProtocolError("UNKNOWN_TYPE", `Cannot decode packet: code ${code} is no answer`);
  }
}

/** The whole body is an agency's number and `#`. */
function parseAgency(packet: Buffer, what: string): number {
  const end = packet.length - 1;
  const agency = packet[end] === DELIMITER ? decimal(packet, HEADER_BYTES, end) : Number.NaN;
  if (Number.isNaN(agency)) throw malformed(what, "its body is not a number and #");
  return agency;
}

function parseText(packet: Buffer, what: string): string {
  const body = packet.subarray(HEADER_BYTES);
  if (!isUtf8(body)) throw malformed(what, "it is not UTF-8");
  return body.toString("utf8");
}

function expectEmpty(packet: Buffer, what: string): void {
  const bodyBytes = packet.length - HEADER_BYTES;
  if (bodyBytes > 0)
    throw malformed(what, `its body has ${plural(bodyBytes, "byte")}, none are expected`);
}

function malformed(what: string, state: string): ProtocolError {
  return new ProtocolError("MALFORMED", `Cannot decode ${what}: ${state}`);
}
