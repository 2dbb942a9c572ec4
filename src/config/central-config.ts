import type { LogLevel } from "../log/logger.ts";

/** All settings of a central, after file, environment and command line were merged. */
export interface CentralConfig {
  readonly port: number;
  /** SERVER_IP of the course: a name for the clients; the central binds {@link bindAddress}. */
  readonly serverIp: string;
  readonly bindAddress: string;
  readonly listenBacklog: number;
  readonly loggingLevel: LogLevel;
  /** The level as it was written (`DEBUG`): `action: config` logs it so. */
  readonly loggingLevelText: string;
  readonly logFormat: "text" | "json";
  readonly mode: "lottery" | "echo";
  readonly agencies: number;
  readonly store: "ledger" | "csv";
  readonly dataDir: string;
  /** The draw for peers that name none; undefined in a central that only follows a timetable. */
  readonly draw: string | undefined;
  /** Path of the timetable. */
  readonly drawsFile: string | undefined;
  /** When the draw closes, in milliseconds since 1970. */
  readonly closesAtMs: number | undefined;
  readonly secondOperator: boolean;
  readonly dialects: readonly string[];
  /** Undefined when an operator tells it after the seal. */
  readonly winningNumber: number | undefined;
  readonly replay: "detect" | "store";
  /** Pause between the draw's log line and the first winners [50 ms]. */
  readonly drawMarginMs: number;
  /** `check`: the central does not start when the clock is certainly wrong. */
  readonly clock: "check" | "trust";
  /** Undefined when every peer is believed: SERVER_IDENTITY=off. */
  readonly identity?: IdentityConfig | undefined;
  readonly limits: CentralLimits;
}

/** How agencies prove who they are: the port for TLS, the only one that is opened, and the files. */
export interface IdentityConfig {
  readonly port: number;
  readonly files: IdentityFiles;
}

/** Paths of what a central needs to judge who its peers are. */
export interface IdentityFiles {
  /** The central's certificate, and its key. */
  readonly certificate: string;
  readonly key: string;
  /** The authorities that issue certificates of agencies. */
  readonly authorities: string;
  /** Their lists of revoked certificates [nothing is revoked]. */
  readonly revoked: string | undefined;
  readonly agencies: string;
}

/** Hard limits for what the central keeps or waits for because of peers: docs/configuration.md. */
export interface CentralLimits {
  /** Largest frame on the wire, in both directions [8192]. */
  readonly frameBytesMax: number;
  /** Largest message of the course's dialects, which have no limit of their own [128 KiB]. */
  readonly courseFrameBytesMax: number;
  /** How soon after connecting the first message must be complete [10 s]. */
  readonly headerTimeoutMs: number;
  /** How soon after its beginning a message must be complete [30 s]. */
  readonly frameTimeoutMs: number;
  /** Longest silence between messages, except while the peer waits for the draw [5 min]. */
  readonly idleTimeoutMs: number;
  /** The most bytes that wait for a peer that does not read [1 MiB]. */
  readonly peerBufferBytesMax: number;
  readonly connectionsMax: number;
  /** The most connections from one address; 0 for no limit [0]. */
  readonly connectionsPerAddressMax: number;
  /** How many messages of a connection are refused before it is ended; 0 for no limit [10,000]. */
  readonly refusedMax: number;
  /** The most sessions of one agency and address that wait for the draw [16]. */
  readonly waitingPerAgencyMax: number;
  /** The most of these whose peers have ended their side [4]. */
  readonly halfClosedPerAgencyMax: number;
  /** The most sessions in all that wait for the draw although their peers have ended their side [1,000]. */
  readonly halfClosedMax: number;
  /** How long a stop may take before connections are cut [300 ms]. */
  readonly stopGraceMs: number;
}
