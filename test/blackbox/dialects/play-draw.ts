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
  /** Of the first agency, the second …: as many as the cast. */
  readonly agencies: readonly AgencyData[];
  /** A proxy passes everything on in such pieces, both ways. */
  readonly pieceBytes?: number;
  readonly patienceMs?: number;
}

/** Byte by byte a first message may take longer than the usual 10 s. Deadlines have tests of their own. */
const NO_HURRY = { SERVER_HEADER_TIMEOUT: "10m0s" };

/** Plays a whole draw, one process for the central and one for each agency, and looks at all that it leaves. */
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
