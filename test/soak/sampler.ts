import type { CentralProcess } from "../abuse/central-process.ts";
import { readCpuMs, readMemory } from "../abuse/process-readings.ts";
import type { MemoryReport } from "./memory-report.ts";
import { type Slope, slopeOf } from "./slope.ts";

/** Readings of a process at one moment. */
export interface Sample {
  /** Since the first one. */
  readonly seconds: number;
  readonly rssBytes: number;
  /** From the process's last report; 0 before its first one. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** All descriptors. */
  readonly descriptors: number;
  /** Share of one processor since the sample before. */
  readonly cpu: number;
}

const PERIOD_MS = 1000;

/** Reads the values of a central once a second. */
export class Sampler {
  readonly samples: Sample[] = [];
  readonly #central: CentralProcess;
  readonly #lastReport: () => MemoryReport | undefined;
  readonly #startMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #before: { readonly cpuMs: number; readonly atMs: number };

  /** @param onSample called with each one */
  constructor(
    central: CentralProcess,
    lastReport: () => MemoryReport | undefined,
    onSample: (sample: Sample) => void,
  ) {
    this.#central = central;
    this.#lastReport = lastReport;
    this.#before = { cpuMs: readCpuMs(central.pid), atMs: this.#startMs };
    this.#timer = setInterval(() => onSample(this.#sample()), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * @param warmUpSeconds the time at the beginning that is left out
   * @returns bytes a minute; undefined when too little is left
   */
  slope(of: "rssBytes" | "heapBytes" | "externalBytes", warmUpSeconds: number): Slope | undefined {
    const points = this.samples
      .filter(({ seconds }) => seconds >= warmUpSeconds)
      .map((sample) => ({ minutes: sample.seconds / 60, value: sample[of] }));
    return slopeOf(points);
  }

  #sample(): Sample {
    const { pid } = this.#central;
    const atMs = performance.now();
    const cpuMs = readCpuMs(pid);
    const { sockets, files, others } = this.#central.descriptors();
    const report = this.#lastReport();
    const sample: Sample = {
      seconds: (atMs - this.#startMs) / 1000,
      rssBytes: readMemory(pid).rssBytes,
      heapBytes: report?.heapUsed ?? 0,
      externalBytes: report?.external ?? 0,
      descriptors: sockets + files + others,
      cpu: (cpuMs - this.#before.cpuMs) / (atMs - this.#before.atMs),
    };
    this.#before = { cpuMs, atMs };
    this.samples.push(sample);
    return sample;
  }
}
