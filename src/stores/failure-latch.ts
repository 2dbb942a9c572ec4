import { StoreError } from "../store/store-error.ts";

/**
 * The one place where a failure of storage is raised. The first failure counts, and every listener is called
 * once. Background work (filling segments, writing files) raises its failures here too.
 */
export class FailureLatch {
  #error: StoreError | undefined;
  readonly #listeners: ((error: StoreError) => void)[] = [];

  get error(): StoreError | undefined {
    return this.#error;
  }

  subscribe(listener: (error: StoreError) => void): void {
    this.#listeners.push(listener);
  }

  /** @param what the action that failed, such as `Cannot write bets.csv` */
  raise(what: string, cause: unknown): void {
    if (this.#error !== undefined) return;
    const error = cause instanceof StoreError ? cause : storeFailed(what, cause);
    this.#error = error;
    for (const listener of this.#listeners) listener(error);
  }
}

function storeFailed(what: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError("STORE_FAILED", `${what}: ${reason}`, { cause });
}
