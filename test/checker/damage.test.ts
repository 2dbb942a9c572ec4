import assert from "node:assert/strict";
import { it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { seed, seedNote } from "../support/seed.ts";
import { checkEvidence } from "./check-evidence.ts";
import type { Evidence } from "./evidence.ts";
import { soundDraw } from "./sound-draw.ts";

const FLIPS = 500;

/** One bit of one file; small files are chosen as often as large ones. */
function flip(sound: Evidence, names: readonly string[], random: ReturnType<typeof createRandom>) {
  const name = names[random.below(names.length)] ?? "";
  const bytes = Buffer.from(sound.files.get(name) ?? []);
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return { place: `${name} at byte ${at}`, files: new Map(sound.files).set(name, bytes) };
}

it(`any bit that flips in the files of a drawn draw is found (${seedNote})`, async () => {
  const sound = await soundDraw();
  // A summary with a wrong checksum proves nothing.
  const names = [...sound.files.keys()].filter((name) => !name.endsWith(".sum"));
  assert.ok(names.length >= 6);
  const random = createRandom(seed, 1);
  for (let flips = 0; flips < FLIPS; flips++) {
    const { place, files } = flip(sound, names, random);
    assert.notDeepEqual(checkEvidence({ ...sound, files }), [], place);
  }
});

it(`no damage makes the checker fail itself (${seedNote})`, async () => {
  const sound = await soundDraw();
  const names = [...sound.files.keys()];
  const random = createRandom(seed, 2);
  for (let round = 0; round < FLIPS / 4; round++) {
    const files = new Map(sound.files);
    const name = random.pick(["seal.json", ...names]);
    const bytes = Buffer.from(files.get(name) ?? []);
    const from = random.below(bytes.length);
    switch (random.below(3)) {
      case 0:
        files.set(name, bytes.subarray(0, from));
        break;
      case 1:
        files.set(name, Buffer.concat([bytes.subarray(from), bytes]));
        break;
      default:
        for (let at = from; at < Math.min(from + 100, bytes.length); at++) {
          bytes[at] = random.below(256);
        }
        files.set(name, bytes);
    }
    checkEvidence({ ...sound, files, over: random.below(2) === 0 });
  }
});
