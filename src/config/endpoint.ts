import { isIP, isIPv6 } from "node:net";

/** The address of a central. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** As it was written. */
  readonly text: string;
}

/** Reads `host:port`; an IPv6 address needs brackets, as in `[::1]:12345`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (parts === null) return undefined;
  const [, bracketed, bare = "", digits = ""] = parts;
  const port = Number(digits);
  if (port < 1 || port > 65535) return undefined;
  if (bracketed !== undefined) {
    return isIPv6(bracketed) ? { host: bracketed, port, text } : undefined;
  }
  return isHost(bare) ? { host: bare, port, text } : undefined;
}

/** Whether the text is an IP address or may be a host name (Compose allows `_` in host names). */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && HOST_NAME.test(text) && !/^[\d.]+$/.test(text));
}

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*\.?$/;
