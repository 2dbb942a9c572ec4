/**
 * Waits for work until `stop` aborts, also where the work does not know the signal.
 *
 * @param discard gets what the work comes to after that; what it throws then is of no interest
 * @throws what the work throws, or the reason of the stop
 */
export function unlessStopped<T>(
  stop: AbortSignal | undefined,
  work: Promise<T>,
  discard: (late: T) => unknown = () => undefined,
): Promise<T> {
  if (stop === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    let stopped = false;
    const abort = (): void => {
      stopped = true;
      reject(stop.reason);
    };
    if (stop.aborted) abort();
    else stop.addEventListener("abort", abort, { once: true });
    const settled = async (): Promise<void> => {
      try {
        const result = await work;
        if (stopped) await discard(result);
        else resolve(result);
      } catch (error) {
        // After a stop this changes nothing any more.
        reject(error);
      } finally {
        stop.removeEventListener("abort", abort);
      }
    };
    void settled();
  });
}
