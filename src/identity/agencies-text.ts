/** The lines of one agency in agencies.yaml, from its `-` to the next one. */
export interface Piece {
  readonly text: string;
  /** The line of the file in which the text begins, from 1. */
  readonly line: number;
}

/** The text of agencies.yaml, cut into its entries. All parts together are the whole text. */
export interface AgenciesText {
  /** Everything before the first entry: comments, and the key of the list. */
  readonly head: string;
  readonly pieces: readonly Piece[];
  /** Spaces before the `-` of each entry; undefined without entries. */
  readonly indent: number | undefined;
  /** The first line after the list's beginning that cannot be part of the list. */
  readonly strayLine: number | undefined;
}

/**
 * Cuts the text at the lines that begin an entry. The entries are parsed one at a time: parsing a hundred
 * thousand of them at once takes a minute and gigabytes, and a central that reloads the file must not stand
 * still.
 *
 * In YAML every line of an entry is indented more than the entry's `-`, also within quotes and block scalars;
 * only blank lines and comments need no indentation. So a cut never falls into a value.
 */
export function cutAgencies(text: string): AgenciesText {
  const pieces: Piece[] = [];
  let indent: number | undefined;
  let head = text;
  let begin = 0;
  let beginLine = 1;
  let strayLine: number | undefined;

  let line = 0;
  for (let at = 0; at < text.length; ) {
    line++;
    const end = lineEnd(text, at);
    const column = firstColumn(text, at, end);
    const begins = beginsEntry(text, at + column) && (indent === undefined || column === indent);
    if (begins && indent === undefined) {
      indent = column;
      head = text.slice(0, at);
      [begin, beginLine] = [at, line];
    } else if (begins) {
      pieces.push({ text: text.slice(begin, at), line: beginLine });
      [begin, beginLine] = [at, line];
    } else if (indent !== undefined && column <= indent && !saysNothing(text, at + column)) {
      strayLine ??= line;
    }
    at = end;
  }
  if (indent !== undefined) pieces.push({ text: text.slice(begin), line: beginLine });
  return { head, pieces, indent, strayLine };
}

/** After the line feed, or at the end of the text. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed === -1 ? text.length : feed + 1;
}

function firstColumn(text: string, at: number, end: number): number {
  let column = 0;
  while (at + column < end && text[at + column] === " ") column++;
  return column;
}

function beginsEntry(text: string, at: number): boolean {
  return text[at] === "-" && /^[ \t\r\n]?$/.test(text[at + 1] ?? "");
}

/** Whether the line has only a comment from here, or nothing. */
function saysNothing(text: string, at: number): boolean {
  return /^[#\r\n]?$/.test(text[at] ?? "");
}
