import type { FileContent, FileEntry } from "./config-file.ts";
import { quoted } from "./value.ts";

const SECTION = "DEFAULT";

/**
 * Reads the central's config.ini as Python's configparser does, because the course's server is written
 * in Python: `KEY = value` or `KEY: value` in the section DEFAULT, and comments on their own lines that begin
 * with `#` or `;`. Two things differ. A value in quotes is read without the quotes. And text that
 * configparser would silently add to a value (a comment after it, an indented line below it) is a problem
 * here, because no setting has such a value. validar-echo-server.sh reads the port by the same rules.
 */
export function readIni(text: string): FileContent {
  const entries: FileEntry[] = [];
  const problems: { line: number; what: string }[] = [];
  let section: string | undefined;
  /** The last setting of this section: for configparser, lines that are indented more continue its value. */
  let above: { readonly key: string; readonly indent: number } | undefined;

  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue;

    const indent = raw.length - raw.trimStart().length;
    if (above !== undefined && indent > above.indent) {
      const what = `${quoted(trimmed)}: is indented, which makes it a part of ${above.key}; allowed: to begin where ${above.key} begins`;
      problems.push({ line, what });
      continue;
    }

    const header = /^\[(.+)\]/.exec(trimmed);
    if (header !== null) {
      section = header[1] ?? "";
      above = undefined;
      if (section !== SECTION) {
        problems.push({ line, what: `[${section}]: unknown section; allowed: [${SECTION}]` });
      }
      continue;
    }

    const delimiter = trimmed.search(/[=:]/);
    const key = trimmed.slice(0, delimiter).trim();
    if (delimiter < 1 || key === "") {
      const what = `${quoted(trimmed)}: is no setting; allowed: KEY = value`;
      problems.push({ line, what });
      continue;
    }
    above = { key, indent };
    if (section === undefined) {
      problems.push({ line, what: `${key}: stands before any section; allowed: in [${SECTION}]` });
    } else if (section === SECTION) {
      const written = trimmed.slice(delimiter + 1).trim();
      const comment = /(?:^|\s)[#;].*$/.exec(written);
      if (comment !== null && !inQuotes(written)) {
        const what = `${key}: has ${quoted(comment[0].trim())} after its value; allowed: a comment on a line of its own, or the value in quotes`;
        problems.push({ line, what });
      } else {
        entries.push({ key, text: inQuotes(written) ? written.slice(1, -1) : written, line });
      }
    }
  }
  return { entries, problems };
}

function inQuotes(written: string): boolean {
  return /^(?:"[^"]*"|'[^']*')$/.test(written);
}
