import type { LogLevel } from "../log/logger.ts";

/** Everything a central can be told, after file, environment and command line were merged. */
export interface CentralConfig {
  readonly port: number;
  /** SERVER_IP of the course: a name for the clients; the central binds {@link bindAddress}. */
  readonly serverIp: string;
  readonly bindAddress: string;
  readonly listenBacklog: number;
  readonly loggingLevel: LogLevel;
  /** The level as it was written (`DEBUG`): what `action: config` echoes. */
  readonly loggingLevelText: string;
  readonly logFormat: "text" | "json";
  readonly mode: "lottery" | "echo";
  readonly agencies: number;
  readonly store: "ledger" | "csv";
  readonly dataDir: string;
  readonly draw: string;
  readonly dialects: readonly string[];
  readonly winningNumber: number;
  readonly replay: "detect" | "store";
  /** Pause between the log line of the draw and the first winners [50 ms]. */
  readonly drawMarginMs: number;
  /** Whether a clock that cannot be right keeps the central from starting. */
  readonly clock: "check" | "trust";
  readonly limits: CentralLimits;
}

/** Hard bounds on what peers can make the central hold or wait for: docs/configuration.md. */
export interface CentralLimits {
  /** Largest frame on the wire, either direction [8192]. */
  readonly frameBytesMax: number;
  /** Largest message of the course's dialects, which know no limit themselves [128 KiB]. */
  readonly courseFrameBytesMax: number;
  /** First message complete within this after the connect [10 s]. */
  readonly headerTimeoutMs: number;
  /** A message that has begun is complete within this [30 s]. */
  readonly frameTimeoutMs: number;
  /** Silence between messages, not while the draw is awaited [5 min]. */
  readonly idleTimeoutMs: number;
  /** Bytes that wait for a peer that does not read [1 MiB]. */
  readonly peerBufferBytesMax: number;
  readonly connectionsMax: number;
  /** Connections from one address; 0 for no limit [0]. */
  readonly connectionsPerAddressMax: number;
  /** Messages of one connection that may be refused before it is ended; 0 for no limit [10,000]. */
  readonly refusedMax: number;
  /** Sessions of one agency and address that wait for the draw [16]. */
  readonly waitingPerAgencyMax: number;
  /** Those of them whose peers have ended their side [4]. */
  readonly halfClosedPerAgencyMax: number;
  /** All sessions that wait for the draw and whose peers have ended their side [1,000]. */
  readonly halfClosedMax: number;
  /** How long a stop may take before connections are cut [300 ms]. */
  readonly stopGraceMs: number;
}
