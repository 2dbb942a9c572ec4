import type {
  BatchSketch,
  CentralEvent,
  CentralEventKind,
  HandshakeFlaw,
  MissingAgencies,
  Overview,
  Source,
} from "../events/central-event.ts";
import {
  accepted,
  accepting,
  batchReceived,
  betStored,
  drawPerformed,
  messageEchoed,
} from "./mandated-lines.ts";
import type { LogEvent, LogLevel } from "./logger.ts";

/** A line of the log, and how it is written. */
export interface CentralLine {
  readonly level: LogLevel;
  readonly line: LogEvent;
  /** The peer whose allowance it costs. Lines without it are few, or paid for with a write to the disk. */
  readonly by?: Source;
}

/** The lines of an event, in their order: docs/logs.md lists them all. */
export function linesOf(event: CentralEvent): readonly CentralLine[] {
  // This cast is safe: the entry of a kind takes events of that kind.
  return (LINES[event.kind] as (event: CentralEvent) => readonly CentralLine[])(event);
}

type EventOf<Kind extends CentralEventKind> = Extract<CentralEvent, { readonly kind: Kind }>;

const LINES: {
  readonly [Kind in CentralEventKind]: (event: EventOf<Kind>) => readonly CentralLine[];
} = {
  "connections-limited": ({ connectionsMax, configured, descriptors, needed }) =>
    one("warning", {
      action: "limit_connections",
      result: "success",
      connections_max: connectionsMax,
      configured,
      ...(descriptors === undefined ? {} : { descriptors }),
      reason: `all of them need ${needed} file descriptors; raise the limit (ulimit -n ${needed}, LimitNOFILE=${needed}) or lower SERVER_CONNECTIONS_MAX`,
    }),
  "listener-opened": () => one("info", accepting()),
  started: ({ address, draw, dir, overview }) =>
    one("info", {
      action: "start",
      result: "success",
      address: `${address.address}:${address.port}`,
      ...(draw === undefined ? {} : { draw }),
      ...(dir === undefined ? {} : { dir }),
      ...(overview === undefined ? {} : holding(overview)),
    }),
  "clock-jumped": ({ byMs }) =>
    one("warning", {
      action: "watch_clock",
      result: "fail",
      jumped_ms: byMs,
      reason:
        "the clock was set, or the machine was asleep; for a minute no draw closes or opens unless both times say so",
    }),
  "operators-let-in": ({ path }) =>
    one("info", { action: "open_operators_socket", result: "success", path }),
  "operators-shut-out": ({ reason }) =>
    one("warning", { action: "open_operators_socket", result: "fail", reason }),
  "identity-off": () =>
    one("info", {
      action: "check_identity",
      result: "success",
      identity: "off",
      reason: "every peer is believed which agency it is; SERVER_IDENTITY=on has them prove it",
    }),
  "identity-loaded": ({ again, agencies, ended }) =>
    again
      ? one("info", { action: "reload_identity", result: "success", agencies, ended })
      : one("info", { action: "check_identity", result: "success", identity: "on", agencies }),
  "identity-reload-failed": ({ error }) =>
    one("error", { action: "reload_identity", result: "fail", error }),
  "certificate-ending": ({ whose, agency, fingerprint, until, days }) =>
    one("warning", {
      action: "watch_certificates",
      result: days > 0 ? "in_progress" : "fail",
      whose,
      ...(agency === undefined ? {} : { agency }),
      fingerprint,
      until: until.toISOString(),
      days,
    }),
  "listener-closed": () => one("info", { action: "close_listener", result: "success" }),
  "sessions-closed": () => [],
  "store-closed": () => one("info", { action: "close_store", result: "success" }),
  "store-close-failed": ({ error }) =>
    one("error", { action: "close_store", result: "fail", error }),
  stopped: ({ reason }) => one("info", { action: "stop", result: "success", reason }),
  failed: ({ error }) => one("critical", { action: "stop", result: "fail", error }),
  "subscriber-failed": ({ error }) =>
    one("error", { action: "take_events", result: "fail", error }),

  "tail-cut": ({ file, offset, bytes }) =>
    one("warning", { action: "cut_torn_tail", result: "success", file, offset, bytes }),
  "work-delayed": ({ what, reason }) =>
    one("warning", { action: "wait", result: "in_progress", what, reason }),
  "work-resumed": ({ what }) => one("info", { action: "wait", result: "success", what }),
  "draw-published": ({ dir }) => one("info", { action: "publish_draw", result: "success", dir }),
  "publication-deferred": () =>
    one("warning", {
      action: "publish_draw",
      result: "in_progress",
      reason: "stopped before bets.csv was whole; the next start on this draw writes it",
    }),

  "connection-accepted": ({ from }) => one("info", accepted(from.address), from),
  "connection-refused": ({ from, reason }) =>
    one("warning", { action: "refuse_connection", result: "fail", ip: from.address, reason }, from),
  "connection-awaited": ({ from }) => one("info", accepting(), from),
  "accept-failed": ({ error }) =>
    one("error", { action: "accept_connections", result: "fail", error }, ANYBODY),
  "handshake-refused": ({ from, flaw, agency, code }) =>
    one(
      flaw === "gone" ? "debug" : "warning",
      {
        action: "handshake",
        result: "fail",
        ip: from.address,
        reason: HANDSHAKE_FLAWS[flaw],
        ...(code === undefined ? {} : { code }),
        ...(agency === undefined ? {} : { names_agency: agency }),
      },
      from,
    ),
  "stranger-turned-away": ({ from, code, dialect, head }) =>
    ofSession("warning", from, "recognise_protocol", "fail", {
      error: code,
      ...(dialect === undefined ? {} : { dialect }),
      bytes: head,
    }),
  "agency-fenced": ({ from, agency, former }) =>
    one(
      "warning",
      { action: "fence_agency", result: "success", ip: former, agency, by: from.address },
      from,
    ),
  "protocol-violated": ({ from, dialect, code, error }) =>
    ofSession("warning", from, "protocol_violation", "fail", { dialect, code, error }),
  "message-echoed": ({ from, text }) => one("info", messageEchoed(from.address, text), from),
  "conversation-failed": ({ from, dialect, error, expected }) =>
    ofSession(expected ? "debug" : "error", from, "serve", "fail", { dialect, error }),
  "peer-noted": ({ from, level, action, result, details }) =>
    ofSession(level, from, action, result, details),
  "session-closed": ({ from, result, reason, dialect, minor }) =>
    ofSession(
      minor ? "debug" : result === "success" ? "info" : "warning",
      from,
      "close_session",
      result,
      { ...(dialect === undefined ? {} : { dialect }), reason },
    ),

  "batch-stored": ({ batch, bet }) =>
    one(
      "info",
      bet === undefined
        ? batchReceived("success", batch.count)
        : betStored(bet.document, bet.number),
    ),
  // Not a second `apuesta_recibida`: that line is written once for a batch that is stored.
  "batch-repeated": ({ from, batch }) =>
    one(
      "info",
      {
        action: "apuesta_repetida",
        result: "success",
        cantidad: batch.count,
        agency: batch.agency,
      },
      from,
    ),
  "batch-deferred": ({ from, batch, retryAfterMs }) =>
    one("warning", ofBatch("defer_batch", batch, { retry_after_ms: retryAfterMs }), from),
  "batch-refused": ({ from, batch, why }) => {
    switch (why.kind) {
      case "gap":
        // No `apuesta_recibida`: the batch was not checked, and comes again after the one before it.
        return one(
          "debug",
          ofBatch("refuse_batch", batch, { code: "GAP", expected: why.expected }),
          from,
        );
      case "invalid": {
        const { index, field, reason } = why.flaw;
        return refused(from, batch, { code: "INVALID", index, field, reason });
      }
      case "conflict":
      case "late":
        return refused(from, batch, { code: why.kind.toUpperCase() });
      case "unknown-agency":
      case "unknown-draw":
        return refused(from, batch, { code: "UNKNOWN_AGENCY" });
      case "unproven":
        return refused(from, batch, { code: "UNPROVEN", reason: why.why });
      case "no-current-draw":
      case "draw-cancelled":
      case "too-many-connections":
        return refused(from, batch, { code: why.kind.toUpperCase().replaceAll("-", "_") });
      default:
        return why satisfies never;
    }
  },

  "admission-refused": ({ from, agency, wants, reason, unproven }) =>
    one(
      "warning",
      {
        action: wants,
        result: "fail",
        ip: from.address,
        agency,
        reason,
        ...(unproven === undefined ? {} : { unproven }),
      },
      from,
    ),
  "agency-done": ({ agency, done, agencies, missing }) =>
    one("info", {
      action: "register_done",
      result: "success",
      agency,
      done,
      of: agencies,
      ...waitingFor(missing),
    }),
  "done-repeated": ({ from, agency }) =>
    one("debug", { action: "register_done", result: "success", agency }, from),
  "done-refused": ({ from, agency, reason }) =>
    one("warning", { action: "register_done", result: "fail", agency, reason }, from),
  "done-without-bets": ({ from, agency, refused }) =>
    one(
      "warning",
      {
        action: "register_done",
        result: "success",
        agency,
        stored_bets: 0,
        refused_batches: refused,
        reason:
          "it is done, and every batch of it was refused: look at their reasons, and at the clock",
      },
      from,
    ),

  "act-recorded": ({ draw, act: { deed, by, reason }, closedOut }) =>
    one("info", {
      action: "record_act",
      result: "success",
      draw,
      act: deed.kind,
      ...("agency" in deed ? { agency: deed.agency } : {}),
      // The second operator must not read the number here.
      ...(deed.kind === "tell-number" ? { number: deed.number } : {}),
      by,
      ...(reason === "" ? {} : { reason }),
      ...(closedOut === undefined ? {} : named("closed_out", closedOut)),
    }),
  "draw-taken": ({ draw, overview }) =>
    one("info", { action: "take_draw", result: "success", draw, ...holding(overview) }),
  "draw-let-go": ({ draw }) => one("info", { action: "let_go_draw", result: "success", draw }),
  "draw-not-opened": ({ draw, error }) =>
    one("error", { action: "open_draw", result: "fail", draw, error }),
  "winners-searched": ({ draw, bets, of }) =>
    one("info", {
      action: "search_winners",
      result: bets < of ? "in_progress" : "success",
      draw,
      bets,
      of,
    }),
  drawn: ({ draw, recovered, winningNumber, agencies, bets, winners }) => [
    { level: "info", line: drawPerformed(recovered) },
    {
      level: "info",
      line: {
        action: "draw_summary",
        result: "success",
        draw,
        number: winningNumber,
        agencies,
        bets,
        winners,
      },
    },
  ],
  "draw-line-late": () =>
    one("warning", {
      action: "tell_draw",
      result: "in_progress",
      reason: "the line of the draw has not left the process; the next start writes it again",
    }),
};

/** Why a peer was turned away, in words. They begin differently: each has lines of its own. */
const HANDSHAKE_FLAWS: Readonly<Record<HandshakeFlaw, string>> = {
  "no-tls": "it does not speak TLS 1.3",
  gone: "the peer ended the connection",
  "too-slow": "the handshake, or the proof after it, took too long",
  "too-many-handshakes": "its address has too many connections that have proven nothing",
  "unknown-authority": "none of SERVER_TLS_CA has issued its certificate",
  revoked: "its certificate is revoked",
  "not-yet-valid": "its certificate is not valid yet",
  ended: "its certificate has ended",
  unreadable: "its certificate cannot be read",
  "not-for-clients": "its certificate is not for clients",
  "no-agency": "its certificate does not name one agency",
  "unknown-agency": "agencies.yaml does not have the agency",
  disabled: "agencies.yaml has disabled the agency",
  unlisted: "agencies.yaml does not list the certificate",
  "too-many-connections": "the agency has all connections that it may have",
};

/** The allowance of what no peer alone has caused. */
const ANYBODY: Source = { address: "any" };

type Details = Readonly<Record<string, string | number | boolean>>;

function one(level: LogLevel, line: LogEvent, by?: Source): readonly CentralLine[] {
  return [by === undefined ? { level, line } : { level, line, by }];
}

/** The peer's address comes right after the result, and the agency, once it is known, at the end. */
function ofSession(
  level: LogLevel,
  from: Source,
  action: string,
  result: LogEvent["result"],
  details: Details,
): readonly CentralLine[] {
  const { address: ip, agency } = from;
  const of = agency === undefined ? {} : { agency };
  return one(level, { action, result, ip, ...details, ...of }, from);
}

function ofBatch(action: string, batch: BatchSketch, details: Details): LogEvent {
  const { agency, sequence, count } = batch;
  const which = sequence === undefined ? { agency, count } : { agency, sequence, count };
  return { action, result: "fail", ...which, ...details };
}

/** The line that the exercise mandates, exactly as it is there, and one with the details. */
function refused(from: Source, batch: BatchSketch, details: Details): readonly CentralLine[] {
  return [
    { level: "warning", line: batchReceived("fail", batch.count), by: from },
    { level: "warning", line: ofBatch("refuse_batch", batch, details), by: from },
  ];
}

/** What a store holds of a draw. */
function holding({ state, agencies, done, withBets, bets, missing }: Overview): Details {
  return { state, agencies, done, with_bets: withBets, bets, ...waitingFor(missing) };
}

/** `waiting_for`: the first of the agencies that are not done, and how many others there are. */
function waitingFor(missing: MissingAgencies): Details {
  return named("waiting_for", missing);
}

function named(key: string, { first, more }: MissingAgencies): Details {
  if (first.length === 0) return {};
  const rest = more > 0 ? ` and ${more} more` : "";
  return { [key]: `${first.join(", ")}${rest}` };
}
