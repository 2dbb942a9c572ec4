import { InvalidArgumentError } from "commander";

/** Reads a whole number between two bounds, both included. */
export function count(bounds: { min: number; max?: number }): (text: string) => number {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds;
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      const range = bounds.max === undefined ? `${min} or more` : `${min} to ${max}`;
      throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
    }
    return value;
  };
}

/** Reads a comma-separated list of names, all of them in `known`. */
export function names(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const list = text.split(",").map((name) => name.trim());
    const unknown = list.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`"${unknown}" is none of: ${known.join(", ")}.`);
    }
    return list;
  };
}
