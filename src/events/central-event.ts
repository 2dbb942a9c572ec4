import type { Act } from "../lottery/act.ts";
import type { AgencyId, Bet } from "../lottery/bet.ts";
import type { DrawState } from "../lottery/draw-book.ts";
import type { PeerEvent } from "../protocols/conversation.ts";
import type { BatchVerdict, Purpose, Refusal, Unproven } from "../protocols/counter.ts";
import type { RecognitionErrorCode } from "../protocols/recognise.ts";

/**
 * What happens in a central. Every event says in the past tense what happened. {@link Feed} carries them.
 *
 * A new kind needs four things: its type here, a place that publishes it, its line in
 * `src/log/central-lines.ts` with an example in that file's test, and a row in docs/logs.md.
 */
export type CentralEvent =
  | ServiceEvent
  | StorageEvent
  | ConnectionEvent
  | BatchEvent
  | AgencyEvent
  | DrawEvent;

export type CentralEventKind = CentralEvent["kind"];

/** Who caused an event. */
export interface Source {
  /** The peer's address as plain text, `unknown` where the peer had gone before it was accepted. */
  readonly address: string;
  /** The agency of the draw for which the peer speaks, if it is known. */
  readonly agency?: AgencyId | undefined;
}

/** Agencies that are not done, for which the draw waits. */
export interface MissingAgencies {
  /** The first of them by number: a draw may have 100,000. */
  readonly first: readonly AgencyId[];
  /** How many there are beyond those. */
  readonly more: number;
}

/** What a store holds of a draw. */
export interface Overview {
  readonly state: DrawState;
  readonly agencies: number;
  /** Agencies that have bets. */
  readonly withBets: number;
  readonly bets: number;
  /** Agencies that are done. */
  readonly done: number;
  readonly missing: MissingAgencies;
}

/** The central itself: it starts, listens and stops. */
export type ServiceEvent =
  | {
      /** The system allows fewer connections than were configured. `quiniela central` publishes it. */
      readonly kind: "connections-limited";
      readonly connectionsMax: number;
      readonly configured: number;
      /** File descriptors that the process may have, where the system says it. */
      readonly descriptors: number | undefined;
      /** Descriptors that all configured connections would need. */
      readonly needed: number;
    }
  | { readonly kind: "listener-opened" }
  | {
      /** It listens, and a draw that was sealed is performed. `overview` is what the store held then. */
      readonly kind: "started";
      readonly address: { readonly address: string; readonly port: number };
      /** The draw for peers that name none; undefined when there is none. */
      readonly draw: string | undefined;
      /** The data folder, where the store is in one. */
      readonly dir: string | undefined;
      readonly overview: Overview | undefined;
    }
  | {
      /** Somebody has set the clock, or the machine was asleep. Negative when it went back. */
      readonly kind: "clock-jumped";
      readonly byMs: number;
    }
  /** Operators can reach it at this socket. */
  | { readonly kind: "operators-let-in"; readonly path: string }
  /** Operators cannot reach it, for this reason. */
  | { readonly kind: "operators-shut-out"; readonly reason: string }
  /** Every peer is believed which agency it is. `quiniela central` publishes it. */
  | { readonly kind: "identity-off" }
  /** The files by which peers are judged were read: at the start, or again while it runs. */
  | {
      readonly kind: "identity-loaded";
      readonly again: boolean;
      /** Agencies in agencies.yaml. */
      readonly agencies: number;
      /** Connections that were ended because their peers are not allowed here any more. */
      readonly ended: number;
    }
  /** A file was wrong when they were read again: all of them stay as they were. */
  | { readonly kind: "identity-reload-failed"; readonly error: string }
  | {
      /** A certificate ends soon, or has ended. Said once for each certificate and number of days. */
      readonly kind: "certificate-ending";
      readonly whose: "central" | "authority" | "agency";
      /** Of an agency's certificate. */
      readonly agency?: AgencyId;
      /** SHA-256 of its DER, hexadecimal. */
      readonly fingerprint: string;
      readonly until: Date;
      /** So many days are left, or fewer; 0 when it has ended. */
      readonly days: number;
    }
  | { readonly kind: "listener-closed" }
  /** All connections are gone. */
  | { readonly kind: "sessions-closed" }
  | { readonly kind: "store-closed" }
  | { readonly kind: "store-close-failed"; readonly error: string }
  | { readonly kind: "stopped"; readonly reason: string }
  /** It confirms nothing any more, and ends. */
  | { readonly kind: "failed"; readonly error: string }
  /** A subscriber threw an error, and gets no more events. */
  | { readonly kind: "subscriber-failed"; readonly error: string };

/** What the store reports of its files. Whoever opens the store publishes these events. */
export type StorageEvent =
  /** A crash had left half a record at the end of a file. `offset` and `bytes` count bytes. */
  | {
      readonly kind: "tail-cut";
      readonly file: string;
      readonly offset: number;
      readonly bytes: number;
    }
  /** Work waits for the system, for example for room on the disk, and is tried again. */
  | { readonly kind: "work-delayed"; readonly what: string; readonly reason: string }
  | { readonly kind: "work-resumed"; readonly what: string }
  | { readonly kind: "draw-published"; readonly dir: string }
  /** The central stopped before the files of the draw were whole: its next start writes them. */
  | { readonly kind: "publication-deferred" };

/** Why a connection was ended before its peer could say anything. */
export type HandshakeFlaw =
  /** The peer spoke no TLS, or not version 1.3. */
  | "no-tls"
  /** It ended the connection itself. */
  | "gone"
  | "too-slow"
  /** Others waited, and its address had the most connections that had proven nothing. */
  | "too-many-handshakes"
  /** What is wrong with its certificate: none of the authorities has issued it … */
  | "unknown-authority"
  | "revoked"
  | "not-yet-valid"
  | "ended"
  /** … it cannot be read … */
  | "unreadable"
  /** … it is not for clients … */
  | "not-for-clients"
  /** … it does not name exactly one agency … */
  | "no-agency"
  /** … or agencies.yaml does not have that agency, has disabled it, or does not have this certificate. */
  | "unknown-agency"
  | "disabled"
  | "unlisted"
  /** The agency has as many connections as it may have. */
  | "too-many-connections";

export type ConnectionEvent =
  | { readonly kind: "connection-accepted"; readonly from: Source }
  | { readonly kind: "connection-refused"; readonly from: Source; readonly reason: string }
  /** The next connection is awaited again. */
  | { readonly kind: "connection-awaited"; readonly from: Source }
  | { readonly kind: "accept-failed"; readonly error: string }
  | {
      /** Over TLS: a peer was turned away. */
      readonly kind: "handshake-refused";
      readonly from: Source;
      readonly flaw: HandshakeFlaw;
      /** The agency that its certificate names, although that proves nothing. */
      readonly agency: number | undefined;
      /** The name of an error of TLS. */
      readonly code: string | undefined;
    }
  | {
      /** The first bytes are of no dialect that is spoken here. */
      readonly kind: "stranger-turned-away";
      readonly from: Source;
      readonly code: RecognitionErrorCode;
      /** The dialect, if it is one that the configuration leaves out. */
      readonly dialect: string | undefined;
      /** The first bytes, as hexadecimal digits. */
      readonly head: string;
    }
  | {
      /** Another connection of the same agency takes over. */
      readonly kind: "agency-fenced";
      readonly from: Source;
      readonly agency: AgencyId;
      /** The address of the connection that lost the agency. */
      readonly former: string;
    }
  | (PeerEvent & { readonly from: Source; readonly dialect: string })
  | {
      readonly kind: "session-closed";
      readonly from: Source;
      readonly result: "success" | "fail";
      readonly reason: string;
      readonly dialect: string | undefined;
      /** The peer said nothing, or it is a stranger, for whom there is another event. */
      readonly minor: boolean;
    };

/** A batch as events describe it: its bytes are gone by then. */
export interface BatchSketch {
  /** Whatever number the peer gave. */
  readonly agency: number;
  readonly sequence?: number | undefined;
  readonly count: number;
}

export type BatchEvent =
  | {
      /** It is on stable storage. */
      readonly kind: "batch-stored";
      readonly from: Source;
      readonly batch: BatchSketch;
      /** The one bet of a batch that a dialect sends singly. */
      readonly bet: Bet | undefined;
    }
  /** It had been stored before. */
  | { readonly kind: "batch-repeated"; readonly from: Source; readonly batch: BatchSketch }
  /** There was no room: it is to come again. `retryAfterMs` in milliseconds. */
  | {
      readonly kind: "batch-deferred";
      readonly from: Source;
      readonly batch: BatchSketch;
      readonly retryAfterMs: number;
    }
  | {
      readonly kind: "batch-refused";
      readonly from: Source;
      readonly batch: BatchSketch;
      readonly why: Exclude<BatchVerdict, { kind: "stored" | "duplicate" | "busy" }> | Refusal;
    };

export type AgencyEvent =
  /** A peer asked for an agency or a draw that is not here. */
  | {
      readonly kind: "admission-refused";
      readonly from: Source;
      readonly agency: number;
      readonly wants: Extract<Purpose, string>;
      readonly reason: Refusal["kind"];
      /** What it has not proven, if that is the reason. */
      readonly unproven?: Unproven | undefined;
    }
  | {
      readonly kind: "agency-done";
      readonly from: Source;
      readonly agency: AgencyId;
      /** How many are done, of how many. */
      readonly done: number;
      readonly agencies: number;
      readonly missing: MissingAgencies;
    }
  /** An agency that is done said so again. */
  | { readonly kind: "done-repeated"; readonly from: Source; readonly agency: AgencyId }
  | {
      readonly kind: "done-refused";
      readonly from: Source;
      readonly agency: AgencyId;
      readonly reason: string;
    }
  /** An agency is done, has no bet stored, and `refused` batches of it were refused. */
  | {
      readonly kind: "done-without-bets";
      readonly from: Source;
      readonly agency: AgencyId;
      readonly refused: number;
    };

export type DrawEvent =
  | {
      readonly kind: "drawn";
      readonly draw: string;
      readonly winningNumber: number;
      readonly agencies: number;
      readonly bets: number;
      readonly winners: number;
      /** An earlier life of the central has perhaps said it already. */
      readonly recovered: boolean;
    }
  | {
      /** An operator, the clock or the timetable has done something, and it is on stable storage. */
      readonly kind: "act-recorded";
      readonly draw: string;
      readonly act: Act;
      /** The agencies that a close did not wait for. */
      readonly closedOut: MissingAgencies | undefined;
    }
  | {
      /** The central serves another draw from now on. `overview` is what its store held. */
      readonly kind: "draw-taken";
      readonly draw: string;
      readonly overview: Overview;
    }
  /** The central serves a draw no longer that is over: there are enough later ones. */
  | { readonly kind: "draw-let-go"; readonly draw: string }
  /** The timetable could not open a draw; it tries again. */
  | { readonly kind: "draw-not-opened"; readonly draw: string; readonly error: string }
  /** Winners of a number that was told after the seal are searched: so many bets of all were looked at. */
  | {
      readonly kind: "winners-searched";
      readonly draw: string;
      readonly bets: number;
      readonly of: number;
    }
  /** The line of the draw has not left the process: the next start writes it again. */
  | { readonly kind: "draw-line-late" };
