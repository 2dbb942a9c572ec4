import type { SteppedDecoder } from "../../codec.ts";
import type { ServeLimits } from "../../dialect.ts";
import { createFrameDecoder, type FrameCodec } from "../../kit/frame-decoder.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { COUNT_BYTES, HELLO_BYTES, RECORD_BYTES, type Version } from "./layout.ts";
import type { ClientMessage } from "./messages.ts";
import { agencyOf, Records } from "./records.ts";
import { versionOf } from "./version.ts";

/**
 * Decodes what a client says, in any version.
 *
 * @param limits `courseFrameBytesMax` bounds a batch, its count included and the hello left out
 */
export function createFixed70ClientDecoder(
  limits: Pick<ServeLimits, "courseFrameBytesMax">,
): SteppedDecoder<ClientMessage> {
  return createFrameDecoder(new ClientFrames(limits.courseFrameBytesMax));
}

/** Bytes of hello that a frame begins with. */
function helloBytes(version: Version, first: boolean): number {
  return first && version === "final" ? HELLO_BYTES : 0;
}

/** The hello and the first batch are one frame: nothing is said between them. */
class ClientFrames implements FrameCodec<ClientMessage> {
  readonly #batchBytesMax: number;
  readonly #records = new Records();
  #version: Version | undefined;
  #hello = 0;

  constructor(batchBytesMax: number) {
    this.#batchBytesMax = batchBytesMax;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    const first = this.#version === undefined;
    const version = this.#version ?? versionOf(bytes, at, available);
    if (version === "more") return available + 1;
    if (version === "none") {
      throw new ProtocolError("MALFORMED", "Cannot decode first message: it is of no version");
    }
    // The connection of a single bet ends with it: whatever follows would be one more bet.
    if (version === "ej5") return RECORD_BYTES;
    const before = helloBytes(version, first);
    if (available < before + COUNT_BYTES) return before + COUNT_BYTES;
    return before + this.#batchBytes(bytes.readUInt32BE(at + before));
  }

  parse(frame: Buffer): ClientMessage {
    const first = this.#version === undefined;
    const version = (this.#version ??= known(versionOf(frame, 0, frame.length)));
    if (version === "ej5") return this.#batch(version, agencyOf(frame, 0), frame, 0, 1);
    const at = helloBytes(version, first);
    if (at > 0) this.#hello = frame.readUInt32BE(0);
    const count = frame.readUInt32BE(at);
    if (count === 0) return { kind: "zero", version, agency: this.#hello };
    const recordsAt = at + COUNT_BYTES;
    const agency = version === "ej6" ? agencyOf(frame, recordsAt) : this.#hello;
    return this.#batch(version, agency, frame, recordsAt, count);
  }

  #batch(
    version: Version,
    agency: number,
    frame: Buffer,
    at: number,
    count: number,
  ): ClientMessage {
    return { kind: "batch", version, agency, count, lines: this.#records.lines(frame, at, count) };
  }

  #batchBytes(count: number): number {
    const bytes = COUNT_BYTES + RECORD_BYTES * count;
    if (bytes <= this.#batchBytesMax) return bytes;
    throw new ProtocolError(
      "FRAME_TOO_LARGE",
      `Cannot decode batch: count is ${count}, which takes ${bytes} bytes, max is ${this.#batchBytesMax}`,
    );
  }
}

function known(seen: ReturnType<typeof versionOf>): Version {
  if (seen === "more" || seen === "none") throw new RangeError(`Cannot parse a frame: ${seen}`);
  return seen;
}
