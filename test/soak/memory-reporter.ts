import type { MemoryReport } from "./memory-report.ts";

const PERIOD_MS = 1000;

// Loaded into the central by Node's --import, so that nothing of the kind is in the central itself.
setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  const report: MemoryReport = { kind: "memory", heapUsed, external };
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}, PERIOD_MS).unref();
