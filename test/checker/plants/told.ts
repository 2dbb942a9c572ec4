import assert from "node:assert/strict";
import { DRAW } from "../../../src/stores/ledger/layout.ts";
import { drawPerformed, winnersQueried } from "../../../src/log/mandated-lines.ts";
import { batchOf } from "../../stores/conformance/batches.ts";
import type { Evidence } from "../evidence.ts";
import { agencyLine, centralLine } from "../sound-draw.ts";
import type { Entry } from "../forge.ts";
import { both, client, type Plant, type Planted, same, story, undrawn } from "./plant.ts";

const DRAW_LINE = centralLine(drawPerformed());
const DRAW_LINE_AGAIN = centralLine(drawPerformed(true));

/** Violations in what agencies receive, and in logs. */
export const toldPlants: readonly Planted[] = [
  ["winners", "a winner that is left out", told(1, (winners) => winners.slice(1))],
  ["winners", "a last winner that is left out", told(1, (winners) => winners.slice(0, -1))],
  ["winners", "no winners although there are some", told(2, () => [])],
  ["winners", "one winner too many", told(3, () => ["3000001"])],
  ["winners", "a winner that is told twice", told(1, (winners) => [...winners, winners[0] ?? ""])],
  ["winners", "winners in another order", told(2, (winners) => winners.toReversed())],
  [
    "winners",
    "another bet than the one that won",
    told(1, (winners) => ["1,a,b,1,c,2", ...winners]),
  ],
  ["winners", "a wrong count", client(1, () => ({ winners: undefined, winnersCount: 7 }))],
  [
    "early",
    "winners of a draw that is not stored",
    both(
      undrawn,
      told(1, () => []),
    ),
  ],
  [
    "early",
    "a count of winners of a draw that is not stored",
    both(
      undrawn,
      client(1, () => ({ winnersCount: 0 })),
    ),
  ],
  [
    "early",
    "an agency that logs winners of a draw that is not stored",
    both(undrawn, (sound) => ({ ...sound, agencyLog: [agencyLine(winnersQueried(0))] })),
  ],
  [
    "early",
    "an agency that logs winners a second before the draw",
    agencyLog((lines) => [
      ...lines,
      agencyLine(winnersQueried(0), new Date(2024, 7, 21, 22, 11, 14)),
    ]),
  ],
  [
    "leak",
    "another agency's document",
    (sound) => heard(1, Buffer.from(markerOf(sound, 2)))(sound),
  ],
  [
    "leak",
    "another agency's document in the middle of a frame",
    (sound) => heard(2, Buffer.alloc(100), Buffer.from(markerOf(sound, 1)), Buffer.alloc(9))(sound),
  ],
  ["leak", "a whole line of another agency", heard(3, Buffer.from(batchOf(2, 4).lines))],
  [
    "leak",
    "another agency's name, with accents",
    both(
      client(1, () => ({ markers: ["Ñandú"] })),
      heard(2, Buffer.from("hola Ñandú!")),
    ),
  ],
  [
    "leak",
    "another agency's document as an integer",
    (sound) => {
      const integer = Buffer.alloc(4);
      integer.writeUInt32BE(Number(markerOf(sound, 2)));
      return both(
        client(1, () => ({ binaryDocuments: true })),
        heard(1, integer),
      )(sound);
    },
  ],
  ["draws", "a second line of the draw", centralLog((lines) => [...lines, DRAW_LINE])],
  [
    "draws",
    "a missing line of the draw",
    centralLog((lines) => lines.filter((line) => line !== DRAW_LINE)),
  ],
  [
    "draws",
    "a second line that is not marked, although one may come again",
    both(
      centralLog((lines) => [...lines, DRAW_LINE]),
      (sound) => ({ ...sound, drawMayBeToldAgain: true }),
    ),
  ],
  [
    "draws",
    "a second line that is marked, although no crash made it necessary",
    centralLog((lines) => [...lines, DRAW_LINE_AGAIN]),
  ],
  [
    "draws",
    "a missing line of a draw that is over, whatever crashes there were",
    both(story(untold), (sound) => ({
      ...sound,
      centralLog: sound.centralLog.filter((line) => line !== DRAW_LINE),
      drawMayBeToldAgain: true,
    })),
  ],
  [
    "draws",
    "a missing line although the ledger says that the draw was told",
    both(
      centralLog((lines) => lines.filter((line) => line !== DRAW_LINE)),
      (sound) => ({ ...sound, over: false, drawMayBeToldAgain: true }),
    ),
  ],
  ["acts", "an act that is not the next one", story((entries) => [act("open", 2), ...entries])],
  ["acts", "a close after the seal", story((entries) => [...entries, act("close")])],
  [
    "acts",
    "a draw that is opened twice",
    story((entries) => [act("open"), act("open"), ...entries]),
  ],
  [
    "acts",
    "a number that is told in a draw that has one",
    story((entries) => [...entries, act("tell-number", undefined, { number: 7574 })]),
  ],
  [
    "acts",
    "an act that was answered as done, and is not there",
    (sound) => ({ ...sound, actsDone: [{ act: "close-out", agency: 2, by: "ana" }] }),
  ],
  [
    "acts",
    "a close by the clock before its time",
    both(
      story((entries) => entries.toSpliced(-3, 0, act("close", undefined, { by: "(clock)" }))),
      (sound) => ({ ...sound, closesAtMs: Date.parse(AT) + 1 }),
    ),
  ],
  ["draws", "a second record of the draw", story((entries) => [...entries, { kind: "draw" }])],
  ["draws", "a second record of the line", story((entries) => [...entries, { kind: "told" }])],
  [
    "draws",
    "a record of the line before the draw",
    story((entries) => [...entries.slice(0, -2), { kind: "told" }, ...entries.slice(-2, -1)]),
  ],
  [
    "draws",
    "a line without a record",
    both(
      undrawn,
      centralLog((lines) => [...lines, DRAW_LINE]),
    ),
  ],
  [
    "draws",
    "a missing record of a draw that is over",
    both(undrawn, (sound) => ({ ...sound, over: true })),
  ],
  [
    "draws",
    "a wrong winning number",
    story(same, (fields) => (fields.kind === DRAW ? { ...fields, body: Buffer.alloc(4) } : fields)),
  ],
  [
    "draws",
    "a record without a seal",
    both(
      (sound) => ({ ...sound, over: false }),
      story((entries) => entries.filter(({ kind }) => kind !== "seal")),
    ),
  ],
  [
    "log",
    "a line of the central in an agency's log",
    agencyLog((lines) => [...lines, DRAW_LINE.replace("INFO ", "DEBUG")]),
  ],
  [
    "log",
    "a line of an agency in the central's log",
    centralLog((lines) => [
      ...lines,
      `${DRAW_LINE.slice(0, 20)}WARNI     action: a | result: fail`,
    ]),
  ],
  [
    "log",
    "a line without result",
    centralLog((lines) => [...lines, DRAW_LINE.split(" | ")[0] ?? ""]),
  ],
  ["log", "a bare separator in a value", centralLog((lines) => [...lines, extended("a|b")])],
  ["log", "a bare backslash in a value", centralLog((lines) => [...lines, extended("a\\b")])],
  ["log", "a line end in a value", centralLog((lines) => [...lines, extended("a\nb")])],
  ["log", "an empty line", centralLog((lines) => [...lines, ""])],
  ["log", "a stack trace", agencyLog((lines) => [...lines, "    at file:///a.js:1:1"])],
  [
    "log",
    "a mandated line with more keys",
    centralLog((lines) => [...lines, `${lines[1] ?? ""} | agencia: 1`]),
  ],
];

export function act(
  kind: string,
  sequence?: number,
  about: Readonly<Record<string, unknown>> = {},
): Entry {
  const { by = "ana", ...more } = about;
  const text = JSON.stringify({ act: kind, ...more, at: AT, by, reason: "" });
  return { kind: "act", text, ...(sequence === undefined ? {} : { sequence }) };
}

const AT = "2026-12-01T21:00:00.000Z";

function untold(entries: Entry[]): Entry[] {
  return entries.filter(({ kind }) => kind !== "told");
}

/** Changes the lines of the central's log. */
function centralLog(change: (lines: readonly string[]) => readonly string[]): Plant {
  return (sound) => ({ ...sound, centralLog: change(sound.centralLog) });
}

function agencyLog(change: (lines: readonly string[]) => readonly string[]): Plant {
  return (sound) => ({ ...sound, agencyLog: change(sound.agencyLog) });
}

/** Adds a connection on which an agency received these bytes. */
function heard(agency: number, ...bytes: Uint8Array[]): Plant {
  return client(agency, ({ received }) => ({ received: [...received, Buffer.concat(bytes)] }));
}

function extended(value: string): string {
  return `${centralLine({ action: "a", result: "success" })} | key: ${value}`;
}

function markerOf(sound: Evidence, agency: number): string {
  const [marker] = sound.clients[agency - 1]?.markers ?? [];
  assert.ok(marker);
  return marker;
}

function told(agency: number, change: (winners: readonly string[]) => readonly string[]): Plant {
  return client(agency, ({ winners = [] }) => ({ winners: change(winners) }));
}
