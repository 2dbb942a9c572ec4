/**
 * The seed of this run of the tests. Whatever is left to chance follows from it and from nothing
 * else: `QUINIELA_SEED=<what a run printed>` plays the same again.
 */
export const seed: number = Number(
  process.env["QUINIELA_SEED"] ?? Math.floor(Math.random() * 2 ** 31),
);

/** For the titles of tests. */
export const seedNote = `QUINIELA_SEED=${seed}`;
