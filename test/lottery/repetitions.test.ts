import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Place } from "../../src/lottery/batch.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { DrawBook } from "../../src/lottery/draw-book.ts";
import { type ReplayMode, Repetitions } from "../../src/lottery/repetitions.ts";
import { enterBatch } from "../support/enter-batch.ts";

const ONE = 1 as AgencyId;
const TWO = 2 as AgencyId;

/** What kind of connections an agency uses. */
type Connections = "one-is-a-run" | "one-for-all" | "one-each";

/** A book, and agencies whose batches differ in one letter. */
class Agencies {
  readonly book: DrawBook;
  readonly stored = new Map<AgencyId, string[]>();
  #repetitions: Repetitions;
  readonly #mode: ReplayMode;

  constructor(mode: ReplayMode = "detect") {
    this.#mode = mode;
    this.book = new DrawBook({ name: "1", winningNumber: 7574, agencies: 2 });
    this.#repetitions = new Repetitions(this.book, mode);
  }

  /** @returns the verdict on the batch */
  send(name: string, place: Place, agency: AgencyId = ONE): string {
    const lines = Buffer.from(name);
    const batch = this.#repetitions.number({ agency, count: 1, lines, place });
    const entry = this.book.weigh(batch);
    if (entry.kind !== "new") return entry.kind;
    enterBatch(this.book, batch, entry.head);
    this.stored.set(agency, [...(this.stored.get(agency) ?? []), name]);
    return "stored";
  }

  /** Sends batches like a run that is cut off after them. */
  run(names: string, connections: Connections, agency: AgencyId = ONE): string[] {
    return names
      .split("")
      .map((name, index) => this.send(name, placeOf(index, connections), agency));
  }

  /** The central is killed and started again. */
  restart(): void {
    this.#repetitions = new Repetitions(this.book, this.#mode);
  }

  of(agency: AgencyId): string {
    return (this.stored.get(agency) ?? []).join("");
  }
}

function placeOf(index: number, connections: Connections): Place {
  if (index > 0 && connections !== "one-each") return "following";
  return connections === "one-is-a-run" ? "run-start" : "connection-start";
}

const ALL: readonly Connections[] = ["one-is-a-run", "one-for-all", "one-each"];

for (const connections of ALL) {
  describe(`a run that comes again (connections: ${connections})`, () => {
    it("is recognised batch by batch, and goes on where the first one ended", () => {
      const agencies = new Agencies();
      agencies.run("abc", connections);
      assert.deepEqual(agencies.run("abcde", connections), [
        "duplicate",
        "duplicate",
        "duplicate",
        "stored",
        "stored",
      ]);
      assert.equal(agencies.of(ONE), "abcde");
    });

    it("is stored from its first difference on", () => {
      const agencies = new Agencies();
      agencies.run("abcd", connections);
      agencies.run("abXd", connections);
      assert.equal(agencies.of(ONE), "abcdXd");
    });

    it("is not recognised when it is cut into other batches from the first one on", () => {
      const agencies = new Agencies();
      agencies.run("abc", connections);
      agencies.run("xyz", connections);
      assert.equal(agencies.of(ONE), "abcxyz");
    });

    it("is late after DONE if it is new, and still acknowledged if it is not", () => {
      const agencies = new Agencies();
      agencies.run("abc", connections);
      agencies.book.enterDone(ONE);
      assert.deepEqual(agencies.run("abcd", connections).slice(2), ["duplicate", "late"]);
    });

    it("is not compared with the batches of another agency", () => {
      const agencies = new Agencies();
      agencies.run("abc", connections);
      assert.deepEqual(agencies.run("abc", connections, TWO), ["stored", "stored", "stored"]);
    });

    it("is stored again with SERVER_REPLAY=store", () => {
      const agencies = new Agencies("store");
      agencies.run("ab", connections);
      agencies.run("ab", connections);
      assert.equal(agencies.of(ONE), "abab");
    });

    it("P2 leaves every batch stored once, in order, however often it and the central are killed", () => {
      const life = fc.record({
        /** Batches that the run sends before it is killed. */
        sent: fc.nat({ max: 12 }),
        agency: fc.constantFrom(ONE, TWO),
        centralKilled: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(life, { maxLength: 12 }), (lives) => {
          const agencies = new Agencies();
          for (const { sent, agency, centralKilled } of lives) {
            agencies.run("abcdefghijkl".slice(0, sent), connections, agency);
            // What was sent on a connection is lost with it, so agencies begin from the start.
            if (centralKilled) agencies.restart();
          }
          for (const agency of [ONE, TWO]) {
            agencies.run("abcdefghijkl", connections, agency);
            assert.equal(agencies.of(agency), "abcdefghijkl");
          }
        }),
      );
    });
  });
}

describe("a repetition that ends", () => {
  it("with another batch on the same connection does not go on after that batch", () => {
    const agencies = new Agencies();
    agencies.run("abcd", "one-for-all");
    agencies.run("abXcd", "one-for-all");
    assert.equal(agencies.of(ONE), "abcdXcd");
  });

  it("with another batch on another connection goes on after that batch, which may be a late one", () => {
    const agencies = new Agencies();
    agencies.run("abcd", "one-each");
    agencies.run("abXcde", "one-each");
    assert.equal(agencies.of(ONE), "abcdXe");
  });

  it("because its client was killed is forgotten when the next run begins with another batch", () => {
    const agencies = new Agencies();
    agencies.run("abc", "one-is-a-run");
    agencies.run("a", "one-is-a-run");
    agencies.run("Xb", "one-is-a-run");
    assert.equal(agencies.of(ONE), "abcXb");
  });

  it("at the last stored batch is over, so what follows is new, even equal batches", () => {
    for (const connections of ALL) {
      const agencies = new Agencies();
      agencies.run("ab", connections);
      agencies.run("abcc", connections);
      assert.equal(agencies.of(ONE), "abcc", connections);
    }
  });
});

describe("equal batches inside one file", () => {
  for (const connections of ["one-is-a-run", "one-for-all"] as const) {
    it(`are all stored, and recognised in their places (connections: ${connections})`, () => {
      const agencies = new Agencies();
      agencies.run("abaab", connections);
      assert.equal(agencies.of(ONE), "abaab");
      agencies.run("aba", connections);
      if (connections === "one-is-a-run") {
        agencies.run("abaabc", connections);
        assert.equal(agencies.of(ONE), "abaabc");
      }
    });
  }

  it("are recognised in their places also with one connection each, once they are stored", () => {
    const agencies = new Agencies();
    agencies.run("abad", "one-for-all");
    agencies.run("abade", "one-each");
    assert.equal(agencies.of(ONE), "abade");
  });

  it("with one connection each are taken for the run's beginning if they equal its first batch", () => {
    const agencies = new Agencies();
    agencies.run("abcad", "one-each");
    assert.equal(agencies.of(ONE), "abcd");
  });

  it("with one connection each are stored if they do not equal the first one", () => {
    const agencies = new Agencies();
    agencies.run("abbcbd", "one-each");
    assert.equal(agencies.of(ONE), "abbcbd");
    agencies.run("abbcbde", "one-each");
    assert.equal(agencies.of(ONE), "abbcbde");
  });
});

describe("a late batch of a killed run", () => {
  it("does not prevent that the next run is recognised", () => {
    const agencies = new Agencies();
    agencies.run("abc", "one-each");
    assert.equal(agencies.send("a", "connection-start"), "duplicate");
    // The last batch of the killed client is read only now.
    assert.equal(agencies.send("d", "connection-start"), "stored");
    agencies.run("bcde", "one-each");
    assert.equal(agencies.of(ONE), "abcde");
  });
});

describe("a bet sent alone", () => {
  it("is stored once when it comes again at once, also after a restart of the central", () => {
    const agencies = new Agencies();
    agencies.run("ab", "one-each");
    assert.equal(agencies.send("x", "alone"), "stored");
    assert.equal(agencies.send("x", "alone"), "duplicate");
    agencies.restart();
    assert.equal(agencies.send("x", "alone"), "duplicate");
    assert.equal(agencies.of(ONE), "abx");
  });

  it("is stored again when another one of its agency came in between", () => {
    const agencies = new Agencies();
    for (const name of "xyx") assert.equal(agencies.send(name, "alone"), "stored");
  });

  it("does not disturb a repetition under way", () => {
    const agencies = new Agencies();
    agencies.run("abc", "one-each");
    agencies.run("ab", "one-each");
    agencies.send("x", "alone");
    assert.equal(agencies.send("c", "connection-start"), "duplicate");
  });
});
