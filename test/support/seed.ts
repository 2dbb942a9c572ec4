/**
 * The seed of this run of the tests. All random choices follow from it and from nothing else:
 * `QUINIELA_SEED=<what a run printed>` repeats them.
 */
export const seed: number = Number(
  process.env["QUINIELA_SEED"] ?? Math.floor(Math.random() * 2 ** 31),
);

/** For the titles of tests. */
export const seedNote = `QUINIELA_SEED=${seed}`;
