import type { PlantedBug } from "./planted-bugs.ts";

// Mistakes in what operators and the clock do to draws: worlds with several draws find them.

const DRAW_BOOK = "lottery/draw-book.js";
const DRAW_DESK = "central/draw-desk.js";

export const PLANTED_DRAW_BUGS: readonly PlantedBug[] = [
  {
    name: "a draw is closed twice",
    quick: true,
    world: "several",
    edits: [
      {
        file: DRAW_BOOK,
        find: 'case "close": return state === "open" ? "new" : "already";',
        replace: 'case "close": return "new";',
      },
    ],
  },
  {
    name: "a draw looks at its time four times a second, and not for every batch",
    quick: true,
    world: "several",
    edits: [
      {
        file: "central/counter.js",
        find: "const heldBackMs = desk.heldBack() ?? this.#sender.heldBack();",
        replace: "const heldBackMs = this.#sender.heldBack();",
      },
    ],
  },
  {
    name: "a number is told before the seal",
    quick: true,
    world: "several",
    edits: [
      {
        file: DRAW_BOOK,
        find: 'if (this.#state === "open") return "not-sealed"; return this.#acts.judgeNumber',
        replace: "return this.#acts.judgeNumber",
      },
    ],
  },
  {
    name: "an act is answered before it is durable",
    quick: true,
    world: "several",
    edits: [
      {
        file: "stores/engine/book-store.js",
        find: 'await commit.pending(); if (entry.kind === "refused")',
        replace: 'if (entry.kind === "refused")',
      },
    ],
  },
  {
    name: "the seal leaves out an agency that was closed out",
    quick: true,
    world: "several",
    edits: [
      {
        file: DRAW_BOOK,
        find: "sealedAgency(agency, this.standing(agency)));",
        replace:
          "sealedAgency(agency, this.standing(agency))).filter(({ closedOut }) => !closedOut);",
      },
    ],
  },
  {
    name: "an agency that names no draw is in the first of several open ones",
    quick: true,
    world: "several",
    edits: [
      {
        file: "central/draw-register.js",
        find: "if (open.length === 1) return open[0];",
        replace: "if (open.length > 0) return open[0];",
      },
    ],
  },
  {
    name: "a connection that names no draw goes over to another one",
    world: "several",
    edits: [
      {
        file: "central/admitter.js",
        find: 'draw === "" ? (this.#desk ?? this.#register.current)',
        replace: 'draw === "" ? this.#register.current',
      },
    ],
  },
  {
    name: "a close believes a clock that has just jumped",
    world: "several",
    edits: [
      {
        file: DRAW_DESK,
        find: "if (earliestMs < closesAtMs) return DOUBTFUL_RETRY_MS;",
        replace: "",
      },
    ],
  },
  {
    name: "one operator tells a number that two must tell",
    world: "several",
    edits: [
      {
        file: "lottery/draw-acts.js",
        find: 'if (proposal.by === by) return "same-operator";',
        replace: "",
      },
    ],
  },
];
