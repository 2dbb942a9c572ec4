import type { LogEvent } from "./logger.ts";

// The lines that the course exercise mandates, word for word: docs/exercises.md. They are here so that
// nobody rewords them. The central's other lines: central-lines.ts; an agency's: src/agency/.

export const centralConfigured = (config: {
  port: number;
  listenBacklog: number;
  loggingLevel: string;
}): LogEvent => ({
  action: "config",
  result: "success",
  port: config.port,
  listen_backlog: config.listenBacklog,
  logging_level: config.loggingLevel,
});

export const agencyConfigured = (config: {
  clientId: string;
  serverAddress: string;
  loopAmount: number;
  loopPeriod: string;
  logLevel: string;
}): LogEvent => ({
  action: "config",
  result: "success",
  client_id: config.clientId,
  server_address: config.serverAddress,
  loop_amount: config.loopAmount,
  loop_period: config.loopPeriod,
  log_level: config.logLevel,
});

export const accepting = (): LogEvent => ({ action: "accept_connections", result: "in_progress" });

export const accepted = (ip: string): LogEvent => ({
  action: "accept_connections",
  result: "success",
  ip,
});

/** The central's echo: it has received a message and sent it back. */
export const messageEchoed = (ip: string, msg: string): LogEvent => ({
  action: "receive_message",
  result: "success",
  ip,
  msg,
});

/** The client's echo. */
export const answerReceived = (clientId: string, msg: string): LogEvent => ({
  action: "receive_message",
  result: "success",
  client_id: clientId,
  msg,
});

export const answerFailed = (clientId: string, error: string): LogEvent => ({
  action: "receive_message",
  result: "fail",
  client_id: clientId,
  error,
});

export const loopFinished = (clientId: string): LogEvent => ({
  action: "loop_finished",
  result: "success",
  client_id: clientId,
});

/** The line of the course's older client when the time for its loop is over. */
export const loopTimedOut = (clientId: string, lapse: string): LogEvent => ({
  action: "timeout_detected",
  result: "success",
  client_id: clientId,
  loop_lapse: lapse,
});

/** What is done with a setting of the course's older client. */
export const loopLapseNoted = (clientId: string, lapse: string, mode: string): LogEvent => ({
  action: "loop_lapse",
  result: "success",
  client_id: clientId,
  loop_lapse: lapse,
  effect: mode === "echo" ? "ends the loop" : `none, there is no loop in mode ${mode}`,
});

export const betSent = (document: string, number: number): LogEvent => ({
  action: "apuesta_enviada",
  result: "success",
  dni: document,
  numero: number,
});

export const betStored = (document: string, number: number): LogEvent => ({
  action: "apuesta_almacenada",
  result: "success",
  dni: document,
  numero: number,
});

export const batchReceived = (result: "success" | "fail", count: number): LogEvent => ({
  action: "apuesta_recibida",
  result,
  cantidad: count,
});

/** @param recovered an earlier life of the central has perhaps said it already */
export const drawPerformed = (recovered = false): LogEvent => ({
  action: "sorteo",
  result: "success",
  ...(recovered ? { recovered } : {}),
});

/** Lines of work that was done and paid for: they are the last that may be lost. */
const STORED_AND_DRAWN = [
  "apuesta_enviada",
  "apuesta_almacenada",
  "apuesta_recibida",
  "sorteo",
  "consulta_ganadores",
];
const OWED: ReadonlySet<string> = new Set([...STORED_AND_DRAWN, "draw_summary"]);
const MANDATED: ReadonlySet<string> = new Set([
  ...STORED_AND_DRAWN,
  "accept_connections",
  "receive_message",
]);

/** Whether the exercise says what the line is, to the letter. */
export function isMandated({ action }: LogEvent): boolean {
  return MANDATED.has(action);
}

/** Whether somebody is owed the line: what was stored, and what came of it. */
export function isOwed({ action, result }: LogEvent): boolean {
  return OWED.has(action) && result === "success";
}

/** Whether the seal of the draw has the batches of the agency's receipts. */
export const closingVerified = (result: "success" | "fail"): LogEvent => ({
  action: "verificacion_cierre",
  result,
});

export const winnersQueried = (count: number): LogEvent => ({
  action: "consulta_ganadores",
  result: "success",
  cant_ganadores: count,
});
