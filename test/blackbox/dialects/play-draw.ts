import { type AgencyData } from "../agency-data.ts";
import { freePort } from "../free-port.ts";
import { playAndClose } from "../perform.ts";
import { ProcessShow } from "../process-stage.ts";
import { openRecordingProxy } from "../recording-proxy.ts";
import { assertDrawn } from "../scenarios/draw.ts";
import { assertStored } from "../stored-bets.ts";
import { type Part, partEnvironment } from "./cast.ts";

export interface Drawing {
  readonly cast: readonly Part[];
  /** Data of the first agency, the second …: as many as in the cast. */
  readonly agencies: readonly AgencyData[];
  /** A proxy passes everything on in pieces of this size, both ways. */
  readonly pieceBytes?: number;
  readonly patienceMs?: number;
}

/**
 * Byte by byte a first message may take longer than the usual 10 s. Other tests are about
 * deadlines.
 */
const NO_HURRY = { SERVER_HEADER_TIMEOUT: "10m0s" };

/**
 * Runs a whole draw, with one process for the central and one for each agency, and checks
 * everything that it leaves.
 */
export async function playDrawing(drawing: Drawing): Promise<void> {
  const { cast, agencies, pieceBytes, patienceMs } = drawing;
  const port = await freePort();
  const proxy =
    pieceBytes === undefined ? undefined : await openRecordingProxy(port, { pieceBytes });
  const plan = {
    mode: "lottery",
    clients: agencies.length,
    data: agencies.map(({ content }) => content),
  } as const;
  const part = partEnvironment(cast);
  const show = new ProcessShow(plan, port, {
    clientPort: proxy?.port ?? port,
    environment: (service) => ({ ...part(service), ...(patienceMs === undefined ? {} : NO_HURRY) }),
    patienceMs,
  });
  try {
    await playAndClose(show, async () => {
      await show.start(show.services);
      await assertDrawn(show, agencies);
      assertStored(await show.serverData(), agencies);
    });
  } finally {
    await proxy?.close();
  }
}
