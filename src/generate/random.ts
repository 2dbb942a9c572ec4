/** Random numbers that can be repeated: the same seed gives the same numbers. Not for secrets. */
export interface Random {
  /** A whole number from 0 to `limit - 1`, all equally likely; `limit` must be far below 2^32. */
  below(limit: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
}

/**
 * Blackman and Vigna's xoshiro128**. Chained splitmix32 steps fill its state from the seeds.
 *
 * @param seeds numbers that together select the sequence, each an integer from 0 to 2^53 - 1
 */
export function createRandom(...seeds: readonly number[]): Random {
  let mixed = 0;
  const fill = (value: number): number => {
    mixed = scramble((mixed + STEP) ^ value);
    return mixed;
  };
  for (const seed of seeds) {
    fill(seed % 0x1_0000_0000);
    fill(Math.floor(seed / 0x1_0000_0000));
  }
  let a = fill(0);
  let b = fill(0);
  let c = fill(0);
  let d = fill(0);

  function next(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  }

  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  return { below, pick: (list) => list[below(list.length)] ?? list[0] };
}

/** splitmix32 adds this before every step: the fraction of the golden ratio, so that zeros do not last. */
const STEP = 0x9e37_79b9;

/** The finisher of splitmix32: every bit of the result depends on every bit of the value. */
function scramble(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x21f0_aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a_2d97);
  return bits ^ (bits >>> 15);
}

function rotate(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}
