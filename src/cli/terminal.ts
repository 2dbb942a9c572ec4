import { styleText } from "node:util";
import Table from "cli-table3";
import { formatCount } from "./numbers.ts";

type Style = Parameters<typeof styleText>[0];

/** Coloured text on a terminal with colours, otherwise plain text. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream): string {
  const colours = stream.isTTY && (process.env["NO_COLOR"] ?? "") === "" && stream.hasColors();
  return colours ? styleText(style, text) : text;
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** A table for people. Columns of numbers should have `align: "right"`; the last row may be a total. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [] },
    chars: BORDERLESS,
  });
  for (const row of rows) table.push(row.map(cell));
  return table.toString();
}

/** Lines above and below, none between the columns: easy to read and to copy. */
const BORDERLESS = {
  top: "─",
  "top-mid": "─",
  "top-left": "─",
  "top-right": "─",
  bottom: "─",
  "bottom-mid": "─",
  "bottom-left": "─",
  "bottom-right": "─",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

function cell(value: string | number): string {
  return typeof value === "number" ? formatCount(value) : value;
}
