import { MultiBar, Presets, type SingleBar } from "cli-progress";

/** Progress of one or more pieces of work that run side by side. */
export interface Progress {
  /** @param total in the unit of `update`, fixed from here on */
  add(label: string, total: number): { update(value: number, note?: string): void };
  stop(): void;
}

/** Bars on standard error where that is a terminal; silence where it is not. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { add: () => ({ update: () => undefined }), stop: () => undefined };
  const bars = new MultiBar(
    {
      format: "{label} {bar} {percentage}% {note}",
      stream,
      hideCursor: true,
      clearOnComplete: false,
      // Redraws at most this often: a bar must cost nothing beside the work.
      fps: 10,
      barsize: 32,
    },
    Presets.rect,
  );
  return {
    add(label, total) {
      const bar: SingleBar = bars.create(Math.max(total, 1), 0, { label, note: "" });
      return {
        update: (value, note = "") => {
          bar.update(value, { note });
        },
      };
    },
    stop: () => bars.stop(),
  };
}
