import type { AgencyId } from "../../lottery/bet.ts";
import { AnswerDecoder } from "../../protocols/dialects/fixed70/answer-decoder.ts";
import { createFixed70Dialer } from "../../protocols/dialects/fixed70/dial.ts";
import { encodeAgency } from "../../protocols/dialects/fixed70/encode.ts";
import { AGENCY_MAX, CONFIRMATIONS } from "../../protocols/dialects/fixed70/wire.ts";
import { type AnswerListener, broken } from "../answer.ts";
import { BenchError } from "../bench-error.ts";
import { COURSE_BYTES_MAX } from "./course.ts";
import type { Dialogue, Driver, Sent, Talk } from "./driver.ts";
import { expectAnswer } from "./expect.ts";
import { isExactly } from "./turns.ts";

type Version = "ej6" | "final";

export function fixed70Driver(version: Version): Driver {
  return {
    dialer: createFixed70Dialer(version),
    windowMax: 1,
    batchBytesMax: COURSE_BYTES_MAX,
    connectionPerMessage: "no",
    encodeBatch: (_agency, bets) => encodeAgency({ kind: "batch", bets }),
    converse(agency) {
      if (agency <= AGENCY_MAX) return new Fixed70Dialogue(agency, version);
      const state = `agency is ${agency}, max is ${AGENCY_MAX}`;
      throw new BenchError("BENCH_INVALID", `Cannot speak fixed70: ${state}`);
    },
  };
}

class Fixed70Dialogue implements Dialogue {
  readonly greeting: Uint8Array;
  readonly #version: Version;
  readonly #isTaken: (bytes: Buffer, length: number) => boolean;
  readonly #decoder = new AnswerDecoder();
  #asking = false;

  constructor(agency: AgencyId, version: Version) {
    this.greeting =
      version === "final" ? encodeAgency({ kind: "hello", agency }) : new Uint8Array(0);
    this.#version = version;
    this.#isTaken = isExactly(CONFIRMATIONS[version]);
  }

  read(bytes: Buffer, length: number, listener: AnswerListener): void {
    if (!this.#asking && !this.#decoder.midFrame) {
      if (this.#isTaken(bytes, length)) {
        listener.accepted(1);
        return;
      }
      this.#decoder.expect(this.#version);
    }
    for (const decoded of this.#decoder.push(bytes.subarray(0, length))) {
      if (decoded.kind === "violation") listener.heard(broken(decoded.error.message));
      else if (decoded.message.kind === "confirmation") listener.accepted(1);
      else {
        const count = decoded.message.documents.length;
        listener.heard({ kind: "winners", count, last: true });
      }
    }
  }

  /** A zero is the question, but where the batches look as if one more, an empty one, may follow. */
  async finish(talk: Talk, { batchesHere, lastIsLargest }: Sent): Promise<number> {
    const zero = encodeAgency({ kind: "zero" });
    if (batchesHere === 0 || (batchesHere > 1 && lastIsLargest)) {
      expectAnswer(await talk.ask(zero), "noted");
    }
    this.#asking = true;
    this.#decoder.expect("winners");
    return expectAnswer(await talk.ask(zero), "winners").count;
  }
}
