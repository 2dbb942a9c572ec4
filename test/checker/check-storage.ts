import { latin1, readable, splitLines } from "./canonical-lines.ts";
import type { ClientEvidence } from "./evidence.ts";
import type { Account, StoredBatch } from "./recount.ts";
import type { Report } from "./violation.ts";

interface SentBatch {
  readonly text: string;
  readonly lines: readonly string[];
  readonly answer: "acknowledged" | "refused" | "none";
}

/** Compares what one agency sent and received with what is stored of it. */
export function checkStorage(
  client: ClientEvidence,
  { batches: stored, done, closedOut }: Account,
  report: Report,
): void {
  const { agency, mayRepeat, wandered = false } = client;
  const say: Say = (rule, text) => report(rule, text, agency);
  const sent = client.batches.map(({ lines, answer }) => ({
    text: latin1(lines),
    lines: splitLines(lines),
    answer,
  }));
  // One that was closed out may say DONE with exactly what it has.
  if (client.done && !done && !closedOut)
    say("lost", "its DONE was acknowledged, and is not stored");
  if (mayRepeat || wandered) checkRepeated(sent, stored, !wandered, say);
  else explain(sent, stored, say);
}

type Say = (rule: Parameters<Report>[0], text: string) => void;

/**
 * Checks that the stored batches are the sent ones in their order: every acknowledged one, no
 * refused one, and any of the others. Equal batches may be at several places, so it follows all
 * places that a stored batch may have.
 *
 * @returns undefined if they are; else the number, from 1, of the first stored batch that has no
 * place
 */
function firstAstray(
  stored: readonly StoredBatch[],
  sent: readonly SentBatch[],
): number | undefined {
  const wanted = sent.filter(({ answer }) => answer !== "refused");
  const end = wanted.length;
  const places = new Map<string, number[]>();
  /** By place: the first acknowledged batch from there on, which must not be left out. */
  const due = Array.from({ length: end + 1 }, () => end);
  for (let at = end - 1; at >= 0; at--) {
    const { text = "", answer } = wanted[at] ?? {};
    due[at] = answer === "acknowledged" ? at : (due[at + 1] ?? end);
    const known = places.get(text);
    if (known === undefined) places.set(text, [at]);
    else known.push(at);
  }
  let reached: ReadonlySet<number> = new Set([0]);
  for (const [index, { text }] of stored.entries()) {
    const next = new Set<number>();
    for (const from of reached) {
      for (const at of places.get(text) ?? []) {
        if (at >= from && at <= (due[from] ?? end)) next.add(at + 1);
      }
    }
    if (next.size === 0) return index + 1;
    reached = next;
  }
  return [...reached].some((from) => due[from] === end) ? undefined : stored.length + 1;
}

/** Says why the stored batches are not the sent ones, if they are not. */
function explain(sent: readonly SentBatch[], stored: readonly StoredBatch[], say: Say): void {
  const astray = firstAstray(stored, sent);
  if (astray === undefined) return;
  let reasons = 0;
  const tell: Say = (rule, text) => {
    reasons++;
    say(rule, text);
  };
  const inPart = explainStored(sent, stored, tell);
  const storedTimes = tally(stored.map(({ text }) => text));
  const acknowledged = sent.filter(({ answer }) => answer === "acknowledged");
  const seen = new Map<string, number>();
  for (const { text, lines } of acknowledged) {
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    // A batch that is there in another form was reported already, and does not also count as lost.
    if (times <= (storedTimes.get(text) ?? 0) || lines.some((line) => inPart.has(line))) continue;
    tell("lost", `${describe(sent, text)} was acknowledged, and is not stored`);
  }
  if (reasons > 0) return;
  say("order", `from batch ${astray} on its batches are stored in another order than its own`);
}

/**
 * Checks every stored batch by itself. @returns lines of batches that are stored in another form
 */
function explainStored(
  sent: readonly SentBatch[],
  stored: readonly StoredBatch[],
  tell: Say,
): Set<string> {
  const sentTimes = tally(sent.map(({ text }) => text));
  const refusedTimes = tally(
    sent.filter(({ answer }) => answer === "refused").map(({ text }) => text),
  );
  const sentLines = tally(sent.flatMap(({ lines }) => lines));
  const storedLines = tally(stored.flatMap(({ lines }) => lines));
  const sorted = new Set(sent.map(({ lines }) => lines.toSorted().join("\n")));
  const inPart = new Set<string>();
  const seen = new Map<string, number>();
  for (const { sequence, text, lines } of stored) {
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    const allowed = sentTimes.get(text) ?? 0;
    const refused = refusedTimes.get(text) ?? 0;
    const batch = `stored batch ${sequence}`;
    if (times <= allowed - refused) continue;
    if (times <= allowed) {
      tell("refused", `${batch} is ${describe(sent, text)}, which was refused`);
    } else if (allowed > 0) {
      tell("doubled", `${batch} is ${describe(sent, text)} once more`);
    } else if (lines.some((line) => !sentLines.has(line))) {
      const stranger = lines.find((line) => !sentLines.has(line)) ?? "";
      tell("invented", `${batch} has ${readable(stranger)}, which was never sent`);
    } else {
      for (const line of lines) inPart.add(line);
      const twice = lines.find((line) => (storedLines.get(line) ?? 0) > (sentLines.get(line) ?? 0));
      if (sorted.has(lines.toSorted().join("\n"))) {
        tell("order", `${batch} has the bets of one that was sent, in another order`);
      } else if (twice === undefined) {
        tell("partial", `${batch} is none that was sent: its bets were sent in other batches`);
      } else {
        tell("doubled", `${batch} has ${readable(twice)}, which is stored elsewhere, too`);
      }
    }
  }
  return inPart;
}

/**
 * If a run may have come again in other batches, only bets are checked: each acknowledged one is
 * there, none is there that was not sent, and at their first place they are in their order.
 *
 * @param inOrder false if the agency may have begun in the middle of its file
 */
function checkRepeated(
  sent: readonly SentBatch[],
  stored: readonly StoredBatch[],
  inOrder: boolean,
  say: Say,
): void {
  const storedLines = tally(stored.flatMap(({ lines }) => lines));
  const wanted = sent.filter(({ answer }) => answer !== "refused").flatMap(({ lines }) => lines);
  const places = new Map<string, number>();
  for (const line of wanted) if (!places.has(line)) places.set(line, places.size);
  const refused = new Set(sent.flatMap(({ answer, lines }) => (answer === "refused" ? lines : [])));
  let reached = -1;
  for (const line of storedLines.keys()) {
    const place = places.get(line);
    if (place === undefined) {
      const rule = refused.has(line) ? "refused" : "invented";
      say(rule, `${readable(line)} is stored, and was ${rule === "refused" ? rule : "never sent"}`);
    } else if (inOrder && place < reached) {
      say("order", `${readable(line)} is stored behind bets that come after it`);
    } else {
      reached = place;
    }
  }
  const acknowledged = tally(
    sent.flatMap(({ answer, lines }) => (answer === "acknowledged" ? lines : [])),
  );
  for (const [line, times] of acknowledged) {
    if ((storedLines.get(line) ?? 0) >= times) continue;
    say("lost", `${readable(line)} was acknowledged, and is not stored`);
  }
}

/** How often each item occurs, in the order in which they first occur. */
function tally(items: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const item of items) times.set(item, (times.get(item) ?? 0) + 1);
  return times;
}

function describe(sent: readonly SentBatch[], text: string): string {
  const index = sent.findIndex((batch) => batch.text === text);
  const [first = ""] = sent[index]?.lines ?? [];
  return `its batch ${index + 1} (${readable(first)} …)`;
}
