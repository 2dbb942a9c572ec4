import { isIP } from "node:net";
import { join } from "node:path";
import { checkServerIdentity, connect } from "node:tls";
import { loadAgencyAccess } from "../identity/agency-access.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { OpenWire } from "./wire.ts";

/**
 * Connections over TLS 1.3, as one agency, which proves who it is with its certificate.
 *
 * @param dir has ca.pem, and agency-N.pem and agency-N.key of the agency, as `quiniela pki` writes them
 * @throws ConfigError when a file of them is missing or wrong
 */
export async function tlsWiresTo(
  host: string,
  port: number,
  dir: string,
  agency: AgencyId,
): Promise<OpenWire> {
  const { secureContext } = await loadAgencyAccess(
    {
      authorities: join(dir, "ca.pem"),
      certificate: join(dir, `agency-${agency}.pem`),
      key: join(dir, `agency-${agency}.key`),
      name: host,
      tokenFile: undefined,
    },
    `${agency}`,
    new Date(),
  );
  return (ear) => {
    let failure: Error | undefined;
    const socket = connect({
      host,
      port,
      secureContext,
      minVersion: "TLSv1.3",
      servername: isIP(host) === 0 ? host : "",
      checkServerIdentity: (_asked, certificate) => checkServerIdentity(host, certificate),
    });
    socket.setNoDelay(true);
    socket.on("secureConnect", () => ear.opened());
    socket.on("data", (chunk) => ear.received(chunk, chunk.length));
    socket.on("error", (error) => {
      failure = error;
    });
    // Nothing more comes: what is still to be written need not be.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => ear.closed(failure));
    return {
      write: (bytes) => void socket.write(bytes),
      close: () => void socket.destroy(),
    };
  };
}
