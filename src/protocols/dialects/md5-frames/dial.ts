import type { AgencyDialer } from "../../agency-link.ts";
import { Asker } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createMd5FramesCentralDecoder } from "./decode.ts";
import { ANSWER_BYTES_MAX, ASK_AGAIN_MS } from "./layout.ts";
import { Md5FramesLink } from "./link.ts";
import { md5FramesMeasure, unfitForMd5Frames } from "./measure.ts";

export interface Md5FramesDialerOptions {
  /** False for the version of exercise 6, which knows no draw. */
  readonly draws?: boolean;
  /** Other than Node's own in tests. */
  readonly timer?: StartTimer;
  /** How long to wait before asking for winners again. */
  readonly askAgainMs?: number;
}

export function createMd5FramesDialer(options: Md5FramesDialerOptions = {}): AgencyDialer {
  const { draws = true, timer = startTimer, askAgainMs = ASK_AGAIN_MS } = options;
  const limits = { frameBytesMax: ANSWER_BYTES_MAX };
  const createDecoder = () => createMd5FramesCentralDecoder(limits);
  return {
    drawless: !draws,
    measure: md5FramesMeasure,
    unfit: unfitForMd5Frames,
    async dial(context) {
      const asking = { context, createDecoder, startTimer: timer };
      const first = await Asker.open(asking);
      return new Md5FramesLink({ options: asking, first, draws, askAgainMs });
    },
  };
}
