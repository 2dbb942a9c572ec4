import { createHash } from "node:crypto";
import { checkEvidence } from "../checker/check-evidence.ts";
import type { Evidence } from "../checker/evidence.ts";
import { AgencyHost } from "./agency-host.ts";
import { castOf } from "./cast.ts";
import { CentralHost, DATA_DIR, DRAW, WINNING_NUMBER } from "./central-host.ts";
import { Chance } from "./chance.ts";
import { Faults } from "./faults.ts";
import { Network } from "./network.ts";
import { type Violation, Watch } from "./watch.ts";
import { World } from "./world.ts";

/** The result of one run. */
export interface Run {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** What happened, one line for each event. */
  readonly trace: readonly string[];
  /** The hash of the trace: equal runs have equal hashes. */
  readonly hash: string;
  readonly events: number;
  readonly faults: readonly string[];
  readonly starts: number;
  readonly simulatedMs: number;
}

/** After the end of the faults everything must come to its end within this time. */
const QUIET_WITHIN_MS = 60 * 60_000;
const EVENTS_MAX = 300_000;

/** Runs one whole draw: everything in it follows from the seed. */
export async function simulate(seed: number): Promise<Run> {
  const world = new World(new Chance(seed));
  const watch = new Watch(world);
  const onRejection = (error: unknown): void => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    watch.report("unhandled-rejection", stack);
  };
  process.on("unhandledRejection", onRejection);
  try {
    const { faults, central } = await play(world, watch);
    return {
      seed,
      violations: watch.violations,
      trace: world.trace,
      hash: createHash("sha256").update(world.trace.join("\n")).digest("hex"),
      events: world.events,
      faults: faults.struck,
      starts: central.starts,
      simulatedMs: world.nowMs,
    };
  } finally {
    process.off("unhandledRejection", onRejection);
  }
}

async function play(world: World, watch: Watch): Promise<{ faults: Faults; central: CentralHost }> {
  const { chance } = world;
  const network = new Network(world);
  const cast = castOf(chance);
  const sizes = {
    segmentBytes: chance.pick([2048, 3072, 8192]) ?? 2048,
    groupBytes: chance.pick([1024, 2048, 4096]) ?? 1024,
    groupsMax: chance.whole(2, 4),
  };
  const central = new CentralHost({ world, network, watch, agencies: cast.length, sizes });
  const agencies = cast.map((part) => new AgencyHost({ world, network, watch, central, part }));
  world.schedule(undefined, chance.spread(1, 3000), "the central is started", () =>
    central.start(),
  );
  for (const agency of agencies) {
    world.schedule(undefined, chance.spread(1, 3000), "an agency is started", () => agency.start());
  }
  const faults = new Faults({ world, network, watch, central, agencies });

  const told = (): boolean => agencies.every((agency) => agency.settled);
  const broken = (): boolean => watch.violations.length > 0;
  let untilMs = Number.POSITIVE_INFINITY;
  const eventsMax = EVENTS_MAX;
  await world.run(() => broken() || told() || faults.over, { untilMs, eventsMax });
  untilMs = world.nowMs + QUIET_WITHIN_MS;
  await world.run(() => broken() || told(), { untilMs, eventsMax });
  if (broken()) return { faults, central };
  if (!told()) {
    const waiting = agencies.filter((agency) => !agency.settled).map(({ part }) => part.agency);
    watch.report("stuck", `agencies ${waiting.join()} have not been told after all faults ended`);
    return { faults, central };
  }
  faults.end();
  await afterwards({ world, watch, central, agencies });
  if (!broken()) judge({ watch, central, agencies });
  return { faults, central };
}

interface Scene {
  readonly world: World;
  readonly watch: Watch;
  readonly central: CentralHost;
  readonly agencies: readonly AgencyHost[];
}

/** A row that is added to an agency's file after the draw. */
const LATE_ROW = "Tarde,de la Peña,99000001,1999-12-31,17\r\n";

/** Checks that the results of a finished draw survive another crash and a last orderly stop. */
async function afterwards({ world, watch, central, agencies }: Scene): Promise<void> {
  const { chance } = world;
  const limits = { untilMs: world.nowMs + QUIET_WITHIN_MS, eventsMax: EVENTS_MAX * 2 };
  const broken = (): boolean => watch.violations.length > 0;
  for (const agency of agencies) {
    agency.retired = true;
    agency.kill("all");
  }
  if (chance.hits(0.7)) {
    if (chance.hits(0.5)) central.kill();
    else central.cutPower();
  }
  await world.run(() => broken() || central.serving, limits);
  const again = chance.pick(agencies.filter((agency) => agency.told));
  const ended = (): boolean => broken() || again === undefined || again.lives.length === 0;
  again?.start();
  await world.run(ended, limits);
  if (again !== undefined) {
    again.otherFile = Buffer.concat([again.part.file, Buffer.from(LATE_ROW)]);
    again.start();
    await world.run(ended, limits);
  }
  central.retired = true;
  // Twice, because the draw's files may be left to the next start, and are there when that one
  // serves.
  for (const life of ["first", "second"]) {
    central.start();
    await world.run(() => broken() || central.serving, limits);
    central.stop();
    const quiet = await world.run(() => broken() || central.life === undefined, limits);
    if (quiet === "stuck") watch.report("stuck", `the central's ${life} stop has no end`);
    central.cutPower();
  }
}

function judge({ watch, central, agencies }: Omit<Scene, "world">): void {
  const folder = `${DATA_DIR}/${DRAW}/`;
  const files = [...central.memory.durableFiles].map(
    ([path, bytes]) => [path.slice(folder.length), bytes] as const,
  );
  const evidence: Evidence = {
    draw: DRAW,
    winningNumber: WINNING_NUMBER,
    agencies: agencies.length,
    clients: agencies.map((agency) => agency.evidence),
    files: new Map(files),
    centralLog: watch.centralLog,
    agencyLog: watch.agencyLog,
    drawMayBeToldAgain: central.drawMayBeToldAgain,
    over: true,
  };
  for (const { rule, agency, text } of checkEvidence(evidence)) {
    watch.report(rule, agency === undefined ? text : `agency ${agency}: ${text}`);
  }
}
