// The types of pg-copy-streams 7 that are used here: the package has none.
declare module "pg-copy-streams" {
  import type { Submittable } from "pg";
  import type { Writable } from "node:stream";

  /** The stream of a `COPY … FROM STDIN`: it emits `finish` when the server has committed. */
  export function from(text: string): Writable & Submittable;
}
