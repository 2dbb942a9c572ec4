/**
 * A central and two agencies in one process: a whole draw, from the files of bets to the winners.
 *
 * Run it with `node dist/examples/embed.js`. It listens on a free port, and removes its files at the end.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgencyId,
  agencyId,
  type AgencyOutcome,
  type Bet,
  type Central,
  Feed,
  loadAgencyConfig,
  loadCentralConfig,
  runAgency,
  silentLogger,
  startCentral,
  writeAgencyFile,
} from "quiniela";
import { AGENCY_DIALERS, agencyDialectNames, dialectNames, dialectsFor } from "quiniela/protocols";
import { openLedger, verifyDraw } from "quiniela/stores";

/** Settings come from `env` and `flags` alone: an empty file replaces the one in the current folder. */
const NO_FILE = new Uint8Array();

const dir = await mkdtemp(join(tmpdir(), "quiniela-embed-"));
try {
  await holdDraw(join(dir, "data"));
} finally {
  await rm(dir, { recursive: true });
}

async function holdDraw(dataDir: string): Promise<void> {
  const config = loadCentralConfig({
    fileBytes: NO_FILE,
    env: { SERVER_PORT: "0", SERVER_BIND_ADDRESS: "127.0.0.1", SERVER_AGENCIES: "2" },
    dialects: dialectNames(),
  });
  const { draw = "1" } = config;
  let central: Central | undefined;
  const store = await openLedger({
    dir: dataDir,
    draw,
    winningNumber: config.winningNumber,
    agencies: config.agencies,
    // When the disk fails the central must end: it must not confirm what is not stored.
    onFailure: (error) => central?.fail(error),
  });
  const events = new Feed();
  events.subscribe({
    take(event) {
      if (event.kind === "drawn")
        console.log(`drawn: ${event.bets} bets, ${event.winners} winners`);
    },
  });
  // From now on the store belongs to the central, which closes it.
  central = await startCentral({
    config,
    store,
    dialects: dialectsFor(config),
    events,
  });
  try {
    // Run both at the same time: the draw happens when the last agency is done, and both wait for it.
    const outcomes = await Promise.all([
      sendBets(central.address.port, 1, [
        { firstName: "Ana", lastName: "Luna", document: "30100200", number: 7574 },
        { firstName: "Juan", lastName: "Sosa", document: "28400500", number: 1234 },
      ]),
      sendBets(central.address.port, 2, [
        { firstName: "Eva", lastName: "Paz", document: "33700800", number: 4321 },
      ]),
    ]);
    for (const [index, { bets, winners }] of outcomes.entries()) {
      console.log(`agency ${index + 1}: ${bets} bets stored, winners: ${listOf(winners)}`);
    }
  } finally {
    await central.stop("the draw is over");
  }
  const { state, difference } = await verifyDraw(dataDir, draw);
  console.log(`draw ${draw} is ${state}: ${difference ?? "its files agree"}`);
}

/** Runs one agency from its file to its winners, in the dialect `native`. */
async function sendBets(
  port: number,
  number: number,
  people: readonly Omit<Bet, "agency" | "birthdate">[],
): Promise<AgencyOutcome> {
  const agency = known(agencyId(number));
  const dataFile = join(dir, `agency-${agency}.csv`);
  const bets = people.map((person): Bet => ({ ...person, agency, birthdate: "1985-02-17" }));
  await writeAgencyFile(dataFile, bets);
  const config = loadAgencyConfig({
    fileBytes: NO_FILE,
    env: {},
    flags: {
      id: String(agency),
      "server.address": `127.0.0.1:${port}`,
      "data.file": dataFile,
      dialect: "native",
    },
    dialects: agencyDialectNames(),
  });
  const outcome = await runAgency({
    config,
    dialer: AGENCY_DIALERS.get(config.dialect),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  if (outcome.kind !== "success") throw outcome.error ?? new Error("the agency was stopped");
  return outcome;
}

function known(agency: AgencyId | undefined): AgencyId {
  if (agency === undefined) throw new RangeError("Cannot run the agency: its number is not one");
  return agency;
}

function listOf(winners: readonly string[] | undefined): string {
  return winners === undefined || winners.length === 0 ? "none" : winners.join(", ");
}
