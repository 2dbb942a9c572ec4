// What is used here of pg-copy-streams 7, which brings no types.
declare module "pg-copy-streams" {
  import type { Submittable } from "pg";
  import type { Writable } from "node:stream";

  /** The stream of a `COPY … FROM STDIN`: `finish` comes when the server has committed. */
  export function from(text: string): Writable & Submittable;
}
