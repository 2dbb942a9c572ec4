import { WINNING_NUMBER } from "../blackbox/agency-data.ts";
import type { Part } from "../blackbox/dialects/cast.ts";
import type { LogFeed } from "../blackbox/log-feed.ts";
import type { Recording } from "../blackbox/recording-proxy.ts";
import type { ClientEvidence, Evidence } from "../checker/evidence.ts";
import { cutLines, type MarkedBets } from "./marked-bets.ts";
import { isDoneBefore } from "./moments.ts";
import { rawEvidence } from "./raw-draw.ts";
import type { RawAgency } from "./raw-agency.ts";

/** In these dialects the only answer to DONE is the winners. */
const SAYS_DONE_BY_ASKING: ReadonlySet<string> = new Set(["fixed70"]);

/** An agency that is a program, and what passed through the proxy between it and the central. */
export interface ProgramWitness {
  readonly service: string;
  readonly part: Part;
  readonly bets: MarkedBets;
  readonly recordings: readonly Recording[];
}

export interface StormWitnesses {
  readonly feed: LogFeed;
  readonly programs: readonly ProgramWitness[];
  readonly raw: RawAgency;
  readonly rawMarkers: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly over: boolean;
  readonly drawMayBeToldAgain: boolean;
}

/** All that is known of a draw at this moment, for the checker. */
export function stormEvidence(witnesses: StormWitnesses): Evidence {
  const { feed, programs, raw, rawMarkers, files, over, drawMayBeToldAgain } = witnesses;
  const texts = (server: boolean): string[] =>
    feed.sightings.flatMap((seen) =>
      seen.kind === "line" && (seen.source === "server") === server ? [seen.text] : [],
    );
  return {
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: programs.length + 1,
    clients: [
      ...programs.map((program) => programEvidence(feed, program)),
      rawEvidence(raw, rawMarkers),
    ],
    files,
    centralLog: texts(true),
    agencyLog: texts(false),
    drawMayBeToldAgain,
    over,
  };
}

/** The agency's own log says what it was told, with a line for each confirmed batch. */
function programEvidence(feed: LogFeed, program: ProgramWitness): ClientEvidence {
  const { service, part, bets, recordings } = program;
  const confirmed = feed.lines("lote_enviado", service).reduce((most, { result, details }) => {
    return result === "success" ? Math.max(most, Number(details["batch"])) : most;
  }, 0);
  const told = feed.lines("consulta_ganadores", service).at(-1)?.details["cant_ganadores"];
  const said =
    feed.lines("send_done", service).length > 0 ||
    feed.lines("resume", service).some((line) => isDoneBefore(line));
  return {
    agency: bets.agency,
    batches: cutLines(bets.lines, part.batchBets).map(({ lines }, index) => ({
      lines,
      answer: index < confirmed ? "acknowledged" : "none",
    })),
    done: told !== undefined || (said && !SAYS_DONE_BY_ASKING.has(part.dialect)),
    winners: undefined,
    winnersCount: told === undefined ? undefined : Number(told),
    received: recordings.map(({ fromServer }) => Buffer.concat(fromServer)),
    markers: bets.markers,
    mayRepeat: false,
  };
}
