import { PLANTED_DRAW_BUGS } from "./planted-draw-bugs.ts";
import type { WorldKind } from "./simulate.ts";

/** A change of the compiled program. */
export interface Edit {
  /** Below `src/`. */
  readonly file: string;
  /** Must be there exactly once; any white space counts as one space. */
  readonly find: string;
  readonly replace: string;
}

/** A mistake that a programmer might make, and that the simulation must find. */
export interface PlantedBug {
  readonly name: string;
  /** A few seeds find it, so every run of the tests plants it. */
  readonly quick?: boolean;
  /** The worlds that find it [with one draw]. */
  readonly world?: WorldKind;
  readonly edits: readonly [Edit, ...Edit[]];
}

const DRAW_BOOK = "lottery/draw-book.js";
/**
 * The book refuses batches that should not reach it, so a bug in front of it shows only if this
 * check is removed too.
 */
const BLIND_AFTER_DONE = {
  file: DRAW_BOOK,
  find: "return page === undefined || !(page.done || page.closedOut);",
  replace: "return true;",
};
const BOOK_STORE = "stores/engine/book-store.js";
const GROUP_COMMIT = "stores/engine/group-commit.js";
const RECOVER = "stores/ledger/recover.js";

const NO_CHAIN_CHECK = {
  file: DRAW_BOOK,
  find: 'return head.equals(headAfter(page, sequence)) ? { kind: "duplicate", head } : { kind: "conflict" };',
  replace: 'return { kind: "duplicate", head };',
};

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "a batch is acknowledged before its flush",
    quick: true,
    edits: [
      {
        file: GROUP_COMMIT,
        find: "this.#check(); } this.afterPending(settle);",
        replace: "this.#check(); } settle();",
      },
    ],
  },
  {
    name: "a repeated batch is acknowledged before the first one is flushed",
    edits: [
      {
        file: BOOK_STORE,
        find: "this.#parts.commit.settleBatch(() => settle(verdict));",
        replace:
          'if (verdict.kind === "duplicate") settle(verdict); else this.#parts.commit.settleBatch(() => settle(verdict));',
      },
    ],
  },
  {
    name: "repetitions are recognised by memory only, and forgotten at a restart",
    quick: true,
    edits: [
      {
        file: "lottery/repetitions.js",
        find: "const repeated = this.#detect ?",
        replace:
          "const known = (this.known ??= new Map()); if (!known.has(agency)) known.set(agency, nextSequence); const repeated = this.#detect && known.get(agency) === 1 ?",
      },
    ],
  },
  {
    name: "another batch under a known number counts as the same",
    edits: [NO_CHAIN_CHECK],
  },
  {
    name: "a gap is acknowledged",
    quick: true,
    edits: [
      {
        file: DRAW_BOOK,
        find: 'return { kind: "gap", expected };',
        replace: 'return { kind: "duplicate", head: headAfter(page, expected - 1) };',
      },
    ],
  },
  {
    name: "a batch is taken after DONE",
    edits: [BLIND_AFTER_DONE],
  },
  {
    name: "a batch with a bad bet is stored",
    edits: [
      {
        file: "central/draw-desk.js",
        find: "return scanLines(lines, agency, count, this.#todaysDay());",
        replace:
          "const flaw = scanLines(lines, agency, count, this.#todaysDay()); return flaw?.index > 0 ? undefined : flaw;",
      },
    ],
  },
  {
    name: "a repeated DONE counts again",
    quick: true,
    edits: [
      { file: DRAW_BOOK, find: 'if (standing.done) return { kind: "already" };', replace: "" },
      BLIND_AFTER_DONE,
    ],
  },
  {
    name: "the draw does not wait for the last agency",
    edits: [
      {
        file: DRAW_BOOK,
        find: "(this.agencies > 0 && this.missingCount <= 0);",
        replace: "(this.agencies > 0 && this.missingCount <= (this.agencies > 1 ? 1 : 0));",
      },
    ],
  },
  {
    name: "DONE is confirmed before its flush",
    edits: [
      {
        file: BOOK_STORE,
        find: "await commit.pending(); if (book.complete) await this.#sealing;",
        replace: "",
      },
    ],
  },
  {
    name: "an agency is told its standing before that is flushed",
    edits: [
      {
        file: BOOK_STORE,
        find: "await this.#parts.commit.pending(); return standing;",
        replace: "return standing;",
      },
    ],
  },
  {
    name: "the files that a stop left unwritten are not written at the next start",
    edits: [
      {
        file: BOOK_STORE,
        find: "if (this.#announced) await this.#publisher.publishNow();",
        replace: "",
      },
    ],
  },
  {
    name: "the draw is logged before it is flushed",
    edits: [
      {
        file: BOOK_STORE,
        find: "await commit.pending(); book.enterDraw();",
        replace: "book.enterDraw();",
      },
    ],
  },
  {
    name: "a draw that a crash kept out of the log is never logged",
    quick: true,
    edits: [
      {
        file: BOOK_STORE,
        find: "this.#announced = parts.book.told;",
        replace: 'this.#announced = parts.book.state === "drawn";',
      },
    ],
  },
  {
    name: "winners are told before the line of the draw",
    quick: true,
    edits: [
      {
        file: BOOK_STORE,
        find: "if (await tell(news)) await this.#recordTold(seal); await margin();",
        replace:
          "this.#announced = true; this.#drawnWaiters.resolve(news.outcome); await margin(); if (await tell(news)) await this.#recordTold(seal);",
      },
    ],
  },
  {
    name: "the draw is logged again in every life",
    edits: [
      {
        file: BOOK_STORE,
        find: "if (await tell(news)) await this.#recordTold(seal);",
        replace: "await tell(news);",
      },
    ],
  },
  {
    name: "the draw is performed again after a restart",
    quick: true,
    edits: [
      {
        file: "stores/ledger/replay.js",
        find: " book.enterDraw(); return NO_WINNERS;",
        replace: " return NO_WINNERS;",
      },
    ],
  },
  {
    name: "an agency is told another one's winners",
    quick: true,
    edits: [
      {
        file: "central/counter.js",
        find: "await this.#desk.store.winners(this.agency)",
        replace: "await this.#desk.store.winners(Math.max(1, this.agency - 1))",
      },
    ],
  },
  {
    name: "a failed write or sync is ignored",
    quick: true,
    edits: [
      {
        file: GROUP_COMMIT,
        find: "latch.raise(`Cannot write ${group.file.path} at byte ${group.position}`, error); return;",
        replace: "",
      },
    ],
  },
  {
    name: "a short write counts as a complete one",
    edits: [
      { file: "stores/disk/disk-io.js", find: "written >= bytes.length", replace: "written > 0" },
    ],
  },
  {
    name: "a new segment's name is not synced",
    quick: true,
    edits: [
      {
        file: "stores/ledger/segment-chain.js",
        find: "await disk.rename(temp, path); await disk.syncDir(dir);",
        replace: "await disk.rename(temp, path);",
      },
    ],
  },
  {
    name: "a file gets its name before it is synced",
    edits: [{ file: "stores/disk/disk-io.js", find: "await file.sync();", replace: "" }],
  },
  {
    name: "a record's checksum is not checked",
    edits: [
      { file: "stores/ledger/record.js", find: "if (crc !== stored)", replace: "if (false)" },
    ],
  },
  {
    name: "a torn tail is not overwritten with zeros",
    edits: [
      {
        file: RECOVER,
        find: "await overwrite(disk, image, at, at + bytes);",
        replace: "",
      },
    ],
  },
  {
    name: "a torn tail counts as damage",
    edits: [
      {
        file: RECOVER,
        find: "if (proof === undefined) return tornTail(image, flaw.at);",
        replace: "",
      },
    ],
  },
  {
    name: "the last flush is not written again after a kill",
    edits: [
      {
        file: RECOVER,
        find: "if (last !== undefined) await settleLastFlush(disk, last, replay);",
        replace: "",
      },
    ],
  },
  {
    name: "a repetition is followed one batch too far",
    edits: [
      {
        file: "lottery/repetitions.js",
        find: "this.#awaited.set(batch.agency, sequence + 1);",
        replace: "this.#awaited.set(batch.agency, sequence + 2);",
      },
    ],
  },
  {
    name: "the directory is not locked",
    edits: [
      {
        file: "stores/disk/open-directory.js",
        find: "const held = await lock(dir, lockFile, { signal, onDelay });",
        replace: "const held = { check() {}, whenLost() {}, release: async () => undefined };",
      },
    ],
  },
  {
    name: "an agency that is done never compares its file",
    quick: true,
    edits: [
      {
        file: "agency/run-file.js",
        find: "await shipment.recognise(link, standing);",
        replace: "",
      },
    ],
  },
  {
    name: "an agency says that it is done after a refusal that it did not expect",
    quick: true,
    edits: [
      {
        file: "agency/send-batches.js",
        find: "unexpected ??= batchRefused(run, link, flight, answer);",
        replace: "void unexpected;",
      },
    ],
  },
  // Bugs that the simulation has found in the program itself.
  {
    name: "a chunk outlives the memory that all connections share",
    edits: [
      {
        file: "central/session.js",
        find: "if (this.#hasInput) this.#guarded(() => conversation.decoder.retain());",
        replace: "",
      },
    ],
  },
  {
    name: "a batch that waits for room does not make way for its sender's next connection",
    edits: [
      {
        file: "central/counter.js",
        find: "if (latest.get(this.agency) === batch) this.#offerUnnumbered(batch, single, settle);",
        replace: "if (true) this.#offerUnnumbered(batch, single, settle);",
      },
    ],
  },
  {
    name: "an agency takes a FENCED caused by its own old greeting for one of another process",
    edits: [
      {
        file: "agency/retry.js",
        find: "const explained = ghosts.explain(error);",
        replace: "const explained = false;",
      },
    ],
  },
  ...PLANTED_DRAW_BUGS,
];
