import type { LogLevel } from "../log/logger.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * One setting of a program. The loaders, `--help` and docs/configuration.md all use the tables of settings in
 * {@link ./settings.ts}.
 */
export interface Setting {
  /** The name in the file: `SERVER_PORT`, `batch.maxAmount`. */
  readonly key: string;
  readonly environment: string;
  readonly flag: `--${string}`;
  readonly type: SettingType;
  /** The default as text; undefined when `absent` says what happens without a value. */
  readonly default: string | undefined;
  readonly absent?: string;
  /** What the setting means: a phrase without a full stop. */
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
  /** A duration as Go writes it, like both bounds, which are included. */
  | { readonly kind: "duration"; readonly min: string; readonly max: string }
  | {
      readonly kind: "choice";
      readonly values: readonly string[];
      /** Prefixes of values that are known but not supported, with the reason. */
      readonly refused?: Readonly<Record<string, string>>;
    }
  /** A date and time with its zone. */
  | { readonly kind: "instant" }
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

/** The TypeScript type of a value after it was read; an instant is in milliseconds since 1970. */
export type ValueOf<T extends SettingType> = T extends { kind: "integer" }
  ? number
  : T extends { kind: "instant" }
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

/** The values of a table of settings, by key. */
export type Values<Table extends readonly Setting[]> = {
  readonly [S in Table[number] as S["key"]]:
    | ValueOf<S["type"]>
    | (undefined extends S["default"] ? undefined : never);
};
