import type { AnswerListener } from "../../src/load/answer.ts";
import type { Dialogue } from "../../src/load/drivers/driver.ts";
import { Frames } from "../../src/load/frames.ts";
import { Lane } from "../../src/load/lane.ts";
import type { Pace } from "../../src/load/pace.ts";
import { Recorder } from "../../src/load/recorder.ts";
import type { OpenWire, WireEar } from "../../src/load/wire.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** A central without a network: it takes one byte as a batch, and answers with one byte. */
export class FakeServer {
  readonly #clock: FakeClock;
  readonly #delayMs: () => number;
  batches = 0;

  /** @param delayMs how long the answer to a batch that comes now takes */
  constructor(clock: FakeClock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  readonly openWire: OpenWire = (ear: WireEar) => {
    this.#clock.after(0, () => ear.opened());
    return {
      write: (bytes) => {
        for (let index = 0; index < bytes.length; index++) {
          this.batches++;
          this.#clock.after(this.#delayMs(), () => ear.received(ANSWER, 1));
        }
      },
      close: () => undefined,
    };
  };
}

const ANSWER = Buffer.of(1);

const conversation: Dialogue = {
  read: (_bytes: Buffer, _length: number, listener: AnswerListener) => listener.accepted(1),
  finish: () => Promise.reject(new Error("there is no draw")),
};

/** Connected lanes of endless one-byte batches. */
export async function fakeLanes(parts: {
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly pace: Pace;
  readonly connections: number;
  readonly window: number;
  readonly onQuiet?: () => void;
}): Promise<{ readonly lanes: readonly Lane[]; readonly recorder: Recorder }> {
  const { clock, server, pace, connections, window, onQuiet = () => undefined } = parts;
  const recorder = new Recorder();
  const frame = { bytes: Buffer.of(7), bets: 1 };
  const lanes = Array.from(
    { length: connections },
    (_, index) =>
      new Lane({
        index,
        conversation,
        frames: new Frames({
          frames: Array.from({ length: window + 1 }, () => frame),
          batches: Number.POSITIVE_INFINITY,
        }),
        window,
        sequenceAt: undefined,
        connectionPerMessage: false,
        openWire: server.openWire,
        pace,
        recorder,
        clock,
        onQuiet,
      }),
  );
  const connected = Promise.all(lanes.map((lane) => lane.connect()));
  clock.advance(0);
  await connected;
  return { lanes, recorder };
}
