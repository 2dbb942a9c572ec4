import type { LogFeed } from "./log-feed.ts";

export type Mode = "echo" | "bet" | "lottery";

/** The keys of the exercise's server/config.ini that scenarios change. */
export interface ServerFile {
  readonly listenBacklog?: number;
  readonly loggingLevel?: string;
}

/** The keys of the exercise's client/config.yaml that scenarios change. */
export interface ClientFile {
  readonly loopAmount?: number;
  readonly loopPeriod?: string;
  readonly logLevel?: string;
  readonly batchMaxAmount?: number;
  /** Lines of YAML besides the exercise's own. */
  readonly more?: string;
}

export interface Plan {
  readonly mode: Mode;
  readonly clients: number;
  readonly server?: ServerFile;
  readonly client?: ClientFile;
  /** Content of the agencies' files, the first agency's first. */
  readonly data?: readonly string[];
  /** Services that are started first [all of them] */
  readonly services?: readonly string[];
  /** Another program that listens in the server's place. */
  readonly impostor?: Impostor;
}

/** A server that is not ours: a correct echo, one that adds words, or one that says nothing. */
export type Impostor = "honest" | "lying" | "silent";

export interface Validation {
  readonly status: number;
  /** Standard output. */
  readonly output: string;
}

/** A running compose project, or processes in its place. */
export interface Show {
  readonly feed: LogFeed;
  /** All services that the compose file defines. */
  readonly services: readonly string[];
  /** Starts services; resolves when the server, if it is one of them, takes connections. */
  start(services: readonly string[]): Promise<void>;
  /** SIGTERM, and SIGKILL to those that are still there after the grace: `docker stop -t`. */
  stop(services: readonly string[], graceSeconds: number): Promise<void>;
  /** Runs validar-echo-server.sh against the server. */
  validate(): Promise<Validation>;
  /** The server's data directory as it is now, copied to the host. */
  serverData(): Promise<string>;
  /** Stops and removes everything. */
  close(): Promise<void>;
}

/** Where scenarios are played: on plain processes, or on containers. */
export interface Stage {
  readonly name: string;
  /** Lays everything out; nothing runs yet. */
  open(plan: Plan): Promise<Show>;
}
