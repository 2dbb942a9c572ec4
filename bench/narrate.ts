import { digits, duration, rate } from "./report/figures.ts";
import type { RoundEvent } from "./run-rounds.ts";
import type { Values } from "./row.ts";

/** Reports a run on standard error: a line for each sample, and on a terminal also the running row. */
export class Narrator {
  readonly #stream: NodeJS.WriteStream;
  #running = "";

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  tell(event: RoundEvent): void {
    const { row, step, steps } = event;
    const place = `${String(step).padStart(String(steps).length)}/${steps}`;
    const start = `${place}  ${row.title.padEnd(TITLE_WIDTH)}`;
    switch (event.kind) {
      case "begin":
        this.#running = start;
        this.note("…");
        return;
      case "sample":
        this.#line(`${start}  ${inShort(event.sample.values)}`);
        return;
      case "skipped":
      case "failed":
        this.#line(`${start}  ${event.kind}: ${event.reason}`);
        return;
      default:
        return event satisfies never;
    }
  }

  /** Shows the progress of the running row, on terminals only. */
  note(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\u001b[K${this.#running}  ${text}`);
  }

  #line(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? "\r\u001b[K" : ""}${text}\n`);
  }
}

const TITLE_WIDTH = 74;

/** The two or three figures that matter most. */
function inShort(values: Values): string {
  const { betsPerSecond, cpuUsPerBatch, firstConnectToLastWinnersMs, verifyMs, drawMs } = values;
  const { scanNsPerBet, hashUsPerBatch } = values;
  return [
    scanNsPerBet === undefined ? "" : `${digits(scanNsPerBet)} ns a bet scanned`,
    hashUsPerBatch === undefined ? "" : `${digits(hashUsPerBatch)} µs a batch hashed`,
    betsPerSecond === undefined ? "" : `${rate(betsPerSecond)} bets/s`,
    cpuUsPerBatch === undefined ? "" : `${digits(cpuUsPerBatch)} µs CPU a batch`,
    firstConnectToLastWinnersMs === undefined ? "" : duration(firstConnectToLastWinnersMs),
    drawMs === undefined ? "" : `draw ${duration(drawMs)}`,
    verifyMs === undefined ? "" : `verify ${duration(verifyMs)}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}
