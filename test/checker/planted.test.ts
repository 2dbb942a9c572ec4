import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { assertSound, checkEvidence } from "./check-evidence.ts";
import type { Evidence } from "./evidence.ts";
import { cascades } from "./plants/cascades.ts";
import { filePlants } from "./plants/files.ts";
import type { Plant } from "./plants/plant.ts";
import { storedPlants } from "./plants/stored.ts";
import { toldPlants } from "./plants/told.ts";
import { soundDraw } from "./sound-draw.ts";
import type { Rule } from "./violation.ts";

/** Each is reported by its own rule, and by no other. */
const PLANTS = [...storedPlants, ...filePlants, ...toldPlants];

describe("the checker", () => {
  let sound: Evidence;
  before(async () => {
    sound = await soundDraw();
    assertSound(sound);
  });

  for (const [rule, what, plant] of PLANTS) {
    it(`reports ${rule} for ${what}`, () => {
      const violations = checkEvidence(plant(sound));
      const texts = violations.map((violation) => `${violation.rule}: ${violation.text}`);
      assert.deepEqual(
        [...new Set(violations.map((found) => found.rule))],
        [rule],
        texts.join("\n"),
      );
    });
  }

  for (const [rule, what, plant] of cascades) {
    it(`reports ${rule}, among others, for ${what}`, () => {
      const rules = checkEvidence(plant(sound)).map((found) => found.rule);
      assert.ok(rules.includes(rule), rules.join(", "));
    });
  }

  it("has a planted violation for each of its rules alone", () => {
    const planted = new Set(PLANTS.map(([rule]) => rule));
    assert.deepEqual(
      Object.keys(RULES).filter((rule) => !planted.has(rule as Rule)),
      [],
    );
  });

  it("names the agency and the data of a violation", () => {
    const [bets] = checkEvidence(planted("a changed byte of bets.csv")(sound));
    assert.match(bets?.text ?? "", /they part at byte 100$/);
    assert.deepEqual(checkEvidence(planted("two batches of an agency in the wrong order")(sound)), [
      {
        rule: "order",
        agency: 1,
        text: "from batch 4 on its batches are stored in another order than its own",
      },
    ]);
    assert.deepEqual(
      checkEvidence(
        planted("a missing batch in the middle, with everything computed again")(sound),
      ),
      [
        {
          rule: "lost",
          agency: 1,
          text: `its batch 5 ("1,Zoë 5,\\"Muñoz, hijo\\",1005000,1999-03-17,155" …) was acknowledged, and is not stored`,
        },
      ],
    );
  });
});

describe("assertSound", () => {
  it("lists what is broken, up to a limit", async () => {
    const sound = await soundDraw();
    const broken = { ...sound, centralLog: Array.from({ length: 100 }, () => "") };
    assert.throws(
      () => assertSound(broken),
      (error) => {
        assert.ok(error instanceof assert.AssertionError);
        assert.match(
          error.message,
          /^The draw is not sound:\n {2}log: no line of the central's log/,
        );
        assert.match(error.message, /and 81 more$/);
        return error.message.split("\n").length === 22;
      },
    );
    const twenty = {
      ...sound,
      centralLog: [...sound.centralLog, ...broken.centralLog.slice(0, 20)],
    };
    assert.throws(
      () => assertSound(twenty),
      (error) => error instanceof assert.AssertionError && !error.message.includes("more"),
    );
  });
});

function planted(what: string): Plant {
  const [, , plant] = PLANTS.find((one) => one[1] === what) ?? [];
  assert.ok(plant !== undefined);
  return plant;
}

/** Every rule: the compiler checks that none is missing. */
const RULES: Readonly<Record<Rule, true>> = {
  lost: true,
  doubled: true,
  invented: true,
  refused: true,
  order: true,
  partial: true,
  lines: true,
  chain: true,
  done: true,
  acts: true,
  seal: true,
  "bets-file": true,
  "draw-file": true,
  summary: true,
  late: true,
  winners: true,
  early: true,
  leak: true,
  draws: true,
  log: true,
};
