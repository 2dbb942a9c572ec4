/** Calls back once after the delay. @returns cancels it */
export type StartTimer = (callback: () => void, delayMs: number) => () => void;

export const startTimer: StartTimer = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

/** Calls back when an answer is awaited and none has come for a while. */
export class AnswerTimeout {
  readonly #startTimer: StartTimer;
  readonly #delayMs: number;
  readonly #onExpired: () => void;
  #cancel: (() => void) | undefined;

  constructor(startTimer: StartTimer, delayMs: number, onExpired: () => void) {
    this.#startTimer = startTimer;
    this.#delayMs = delayMs;
    this.#onExpired = onExpired;
  }

  /** An answer is awaited now; a timer that runs already goes on. */
  arm(): void {
    this.#cancel ??= this.#startTimer(() => {
      this.#cancel = undefined;
      this.#onExpired();
    }, this.#delayMs);
  }

  disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  restart(): void {
    this.disarm();
    this.arm();
  }
}
