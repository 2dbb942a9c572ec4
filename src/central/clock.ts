import { type Clock as StoreClock, systemClock as storeClock } from "../store/clock.ts";

/** Time as a port: the central reads no other clock and sets no other timer, so tests own its time. */
export interface Clock extends Pick<StoreClock, "nowMs" | "soon" | "after"> {
  /** The date and time of day. */
  date(): Date;
  /** Calls back again and again without keeping the process alive. @returns stops it */
  every(periodMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  ...storeClock,
  date: () => new Date(),
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
