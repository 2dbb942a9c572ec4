/** What {@link ./memory-reporter.ts} reports about the process that loads it. */
export interface MemoryReport {
  readonly kind: "memory";
  readonly heapUsed: number;
  /** Buffers, for the most part: outside the heap. */
  readonly external: number;
}

export function isMemoryReport(message: unknown): message is MemoryReport {
  return (
    typeof message === "object" &&
    message !== null &&
    "kind" in message &&
    message.kind === "memory"
  );
}
