import ini from "ini";
import type { FileContent, FileEntry } from "./config-file.ts";

const SECTION = "DEFAULT";

/**
 * Reads the central's config.ini: `KEY = value` lines in the section DEFAULT, comments from `#` or
 * `;`. The library reads values (quotes, escapes, comments behind them); lines are cut here, because
 * it forgets where they were, takes the last of two equal keys and skips what it does not understand.
 */
export function readIni(text: string): FileContent {
  const entries: FileEntry[] = [];
  const problems: { line: number; what: string }[] = [];
  let section: string | undefined;

  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue;

    const header = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(trimmed);
    if (header !== null) {
      section = header[1] ?? "";
      if (section !== SECTION) {
        problems.push({ line, what: `[${section}]: unknown section; allowed: [${SECTION}]` });
      }
      continue;
    }

    const equals = trimmed.indexOf("=");
    if (equals < 1) {
      const what = `${JSON.stringify(trimmed.slice(0, 80))}: is no setting; allowed: KEY = value`;
      problems.push({ line, what });
      continue;
    }
    const key = trimmed.slice(0, equals).trim();
    if (section === undefined) {
      problems.push({ line, what: `${key}: stands before any section; allowed: in [${SECTION}]` });
    } else if (section === SECTION) {
      entries.push({ key, text: valueOf(trimmed.slice(equals + 1)), line });
    }
  }
  return { entries, problems };
}

function valueOf(written: string): string {
  // Declared to be a string, but what stands in quotes is read as JSON: '5' comes back as a number.
  const value: unknown = ini.unsafe(written);
  return typeof value === "string" ? value : JSON.stringify(value);
}
