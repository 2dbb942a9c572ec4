import type { Summary } from "./statistics.ts";

/** Writes one number with its unit, short. */
export type Figure = (value: number) => string;

/** Three significant digits: `1.92 M`, `19.2 k`, `192`. */
export const rate: Figure = (value) => {
  if (value >= 999_500) return `${digits(value / 1e6)} M`;
  if (value >= 9995) return `${digits(value / 1e3)} k`;
  return digits(value);
};

export const digits: Figure = (value) => {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
};

export const percent: Figure = (value) => `${(value * 100).toFixed(0)} %`;

export const times: Figure = (value) => `${digits(value)} x`;

export const mebibytes: Figure = (value) => (value / 1024 / 1024).toFixed(0);

/** Milliseconds as `12.3 ms` or `1.23 s`. */
export const duration: Figure = (ms) =>
  ms >= 999.5 ? `${digits(ms / 1000)} s` : `${digits(ms)} ms`;

/** `1.92 M [1.80..2.01]`; the bounds only when there is more than one sample. */
export function spread(summary: Summary | undefined, figure: Figure): string {
  if (summary === undefined) return "";
  const { median, min, max, n } = summary;
  if (n === 1) return figure(median);
  return `${figure(median)} [${withoutUnit(figure(min), figure(median))}..${figure(max)}]`;
}

/** The median alone. */
export function middle(summary: Summary | undefined, figure: Figure): string {
  return summary === undefined ? "" : figure(summary.median);
}

/** Removes the unit of a figure if the other has the same unit. */
function withoutUnit(text: string, other: string): string {
  const [, unit] = other.split(" ");
  return unit !== undefined && text.endsWith(` ${unit}`) ? text.slice(0, -unit.length - 1) : text;
}
