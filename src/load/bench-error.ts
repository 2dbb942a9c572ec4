export type BenchErrorCode =
  /** The central is not there, or does not begin or end as the dialect has it. */
  | "LOAD_FAILED"
  /** What was asked for cannot be done. */
  | "BENCH_INVALID";

/** The measurement could not be made. */
export class BenchError extends Error {
  readonly code: BenchErrorCode;

  constructor(code: BenchErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "BenchError";
    this.code = code;
  }
}
