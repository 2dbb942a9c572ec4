import { isIP, type Socket } from "node:net";
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from "node:tls";
import type { AgencyAccess } from "../identity/agency-access.ts";
import { type Connect, LinkError } from "../protocols/agency-link.ts";
import { connectTo, type Target } from "./connect.ts";
import { ENDS_MAX } from "./refused-by-end.ts";

/** Connects over TLS 1.3, and checks the central's certificate. Options and result are as of {@link connectTo}. */
export function connectOverTls(target: Target, access: Omit<AgencyAccess, "prove">): Connect {
  const connectTcp = connectTo(target);
  /** Of an earlier connection: with it the next handshake is cheaper. */
  let session: Buffer | undefined;
  /** So many connections in a row the central has ended after the handshake, without a word. */
  let silentEnds = 0;
  return async (signal, announced) => {
    // TLS has no message for a refusal after the handshake, and most dialects have none either.
    if (silentEnds >= ENDS_MAX) throw refusedInSilence(target);
    const raw = await connectTcp(signal);
    const handshake = { target, access, signal, session, announced };
    const socket = await shakeHands(raw, handshake);
    socket.on("session", (newer) => {
      session = newer;
    });
    let heard = false;
    socket.once("data", () => {
      heard = true;
      silentEnds = 0;
    });
    let over = false;
    const onEnd = (): void => {
      // Where both speak native, a refusal has its message.
      if (!over && !heard && socket.alpnProtocol === false) silentEnds++;
      over = true;
    };
    // Only what the central, or the network, does: what this side ends is neither. And only after the handshake: a
    // central that is full, or stops, ends it before, and may serve this agency later.
    socket.once("end", onEnd).once("error", onEnd);
    return socket;
  };
}

interface Handshake {
  readonly target: Target;
  readonly access: Omit<AgencyAccess, "prove">;
  readonly signal: AbortSignal;
  readonly session: Buffer | undefined;
  readonly announced: string | undefined;
}

function shakeHands(raw: Socket, handshake: Handshake): Promise<TLSSocket> {
  const { target, access, signal, session, announced } = handshake;
  return new Promise((resolve, reject) => {
    const { name, secureContext } = access;
    const socket = connect({
      socket: raw,
      secureContext,
      minVersion: "TLSv1.3",
      // An address is no name that a server can be asked for.
      servername: isIP(name) === 0 ? name : "",
      checkServerIdentity: (_asked, certificate: PeerCertificate) =>
        checkServerIdentity(name, certificate),
      ...(session === undefined ? {} : { session }),
      ...(announced === undefined ? {} : { ALPNProtocols: [announced] }),
    });
    // Node's own does not work for TLS: it is the connection below that is reset.
    Object.assign(socket, {
      resetAndDestroy: () => {
        raw.resetAndDestroy();
        return socket.destroy();
      },
    });
    const settle = (conclude: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("secureConnect", onSecure).off("error", onError).off("close", onClose);
      conclude();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        // Ignore later errors of this socket: without a listener they would end the process.
        socket.on("error", () => undefined).destroy();
        raw.on("error", () => undefined).destroy();
        reject(error);
      });
    const onSecure = (): void => settle(() => resolve(socket));
    const onError = (cause: Error): void => fail(handshakeError(target, access, cause));
    const onClose = (): void => fail(lostHandshake(target, "the central ended the connection"));
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(
      () => fail(lostHandshake(target, `it took more than ${target.timeoutMs} ms`)),
      target.timeoutMs,
    );
    signal.addEventListener("abort", onAbort);
    socket.on("secureConnect", onSecure).on("error", onError).on("close", onClose);
  });
}

function handshakeError(target: Target, { name }: Handshake["access"], cause: Error): LinkError {
  const code = "code" in cause ? String(cause.code) : "";
  const known = Object.hasOwn(DISTRUSTED, code) ? DISTRUSTED[code] : undefined;
  if (known !== undefined) {
    return new LinkError(
      "CENTRAL_UNPROVEN",
      `Cannot trust the central at ${target.host}:${target.port}: ${known.replace("NAME", name)}`,
      { cause },
    );
  }
  if (code.startsWith("ERR_SSL_")) {
    return new LinkError(
      code.includes("ALERT") ? "REFUSED" : "CENTRAL_UNPROVEN",
      `Cannot speak TLS 1.3 with ${target.host}:${target.port}: ${reasonIn(cause)}; check that server.address has the central's SERVER_TLS_PORT`,
      { cause },
    );
  }
  return lostHandshake(target, cause.message, cause);
}

/** What is wrong with the central's certificate, by Node's code. NAME is what it must have. */
const DISTRUSTED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has ended, or this machine's clock is wrong",
  CERT_NOT_YET_VALID: "its certificate is not valid yet, or this machine's clock is wrong",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate does not have the name NAME; set tls.name to a name that it has",
  DEPTH_ZERO_SELF_SIGNED_CERT: "none of the authorities of tls.ca has issued its certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "none of the authorities of tls.ca has issued its certificate",
  UNABLE_TO_GET_ISSUER_CERT: "none of the authorities of tls.ca has issued its certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "none of the authorities of tls.ca has issued its certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "none of the authorities of tls.ca has issued its certificate",
  CERT_SIGNATURE_FAILURE: "none of the authorities of tls.ca has issued its certificate",
  INVALID_CA: "the authority of its certificate is none",
  INVALID_PURPOSE: "its certificate is not for servers",
};

/** OpenSSL's own words, without its addresses and file names. */
function reasonIn(error: Error): string {
  return "reason" in error ? String(error.reason) : error.message;
}

function lostHandshake(target: Target, reason: string, cause?: Error): LinkError {
  return new LinkError(
    "CONNECT_FAILED",
    `Cannot speak TLS with ${target.host}:${target.port}: ${reason}`,
    { cause },
  );
}

function refusedInSilence(target: Target): LinkError {
  return new LinkError(
    "REFUSED",
    `Cannot go on with the central at ${target.host}:${target.port}: it ended ${ENDS_MAX} connections in a row without a word, which is how it refuses a certificate, or an agency without one; its log says why. If it has no log of them, check that server.address has its SERVER_TLS_PORT`,
  );
}
