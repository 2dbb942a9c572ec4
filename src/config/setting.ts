import type { LogLevel } from "../log/logger.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * One thing that a program can be told. The loaders, `--help` and docs/configuration.md all follow
 * from the tables of these in {@link ./settings.ts}.
 */
export interface Setting {
  /** In the file: `SERVER_PORT`, `batch.maxAmount`. */
  readonly key: string;
  readonly environment: string;
  readonly flag: `--${string}`;
  readonly type: SettingType;
  /** As one would write it; undefined where `absent` tells what happens. */
  readonly default: string | undefined;
  readonly absent?: string;
  /** What it means, as half a sentence. */
  readonly doc: string;
}

/** What a value may be. */
export type SettingType =
  /** Both bounds included. */
  | {
      readonly kind: "integer";
      readonly min: number;
      readonly max: number;
      readonly unit?: "bytes" | "bets";
    }
  /** As Go writes durations, and so are the bounds, both included. */
  | { readonly kind: "duration"; readonly min: string; readonly max: string }
  | {
      readonly kind: "choice";
      readonly values: readonly string[];
      /** Beginnings of values that are known but not to be had, and why. */
      readonly refused?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "level" }
  | { readonly kind: "dialect" }
  | { readonly kind: "dialects" }
  | { readonly kind: "host" }
  | { readonly kind: "endpoint" }
  | { readonly kind: "text"; readonly form: RegExp; readonly allowed: string };

export interface Duration {
  readonly ms: number;
  /** As Go prints it. */
  readonly text: string;
}

export interface Level {
  readonly level: LogLevel;
  /** As it was written. */
  readonly text: string;
}

/** What a value of a type is once it was read. */
export type ValueOf<T extends SettingType> = T extends { kind: "integer" }
  ? number
  : T extends { kind: "duration" }
    ? Duration
    : T extends { kind: "choice"; values: readonly (infer Choice)[] }
      ? Choice
      : T extends { kind: "level" }
        ? Level
        : T extends { kind: "dialects" }
          ? readonly string[]
          : T extends { kind: "endpoint" }
            ? Endpoint
            : string;

/** Everything that a table of settings holds, by key. */
export type Values<Table extends readonly Setting[]> = {
  readonly [S in Table[number] as S["key"]]:
    | ValueOf<S["type"]>
    | (undefined extends S["default"] ? undefined : never);
};
