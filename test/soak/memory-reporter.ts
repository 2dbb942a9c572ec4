import type { MemoryReport } from "./memory-report.ts";

const PERIOD_MS = 1000;

// Node's --import loads this into the central, so the central itself has no such code.
setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  const report: MemoryReport = { kind: "memory", heapUsed, external };
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}, PERIOD_MS).unref();
