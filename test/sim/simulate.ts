import { createHash } from "node:crypto";
import { AgencyHost } from "./agency-host.ts";
import { type Cast, castOfOne, toldDraw } from "./cast.ts";
import { castOfSeveral } from "./cast-of-several.ts";
import { CentralHost } from "./central-host.ts";
import { CentralTime } from "./central-time.ts";
import { Chance } from "./chance.ts";
import { DrawsWatch } from "./draws-watch.ts";
import { Faults } from "./faults.ts";
import { judge } from "./judge.ts";
import { Network } from "./network.ts";
import { Operators } from "./operators.ts";
import { Story } from "./stories.ts";
import { type Violation, Watch } from "./watch.ts";
import { World } from "./world.ts";

/**
 * What is in a world: one draw, with which the central is started; or several draws in one central, with
 * operators, a timetable and a clock that jumps.
 */
export type WorldKind = "one" | "several";

export function worldKind(word: string): WorldKind | undefined {
  return word === "one" || word === "several" ? word : undefined;
}

/** The result of one run. */
export interface Run {
  readonly seed: number;
  readonly kind: WorldKind;
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

/** Runs whole draws: everything in them follows from the kind of world and the seed. */
export async function simulate(seed: number, kind: WorldKind = "one"): Promise<Run> {
  const world = new World(new Chance(seed));
  const watch = new Watch(world);
  const onRejection = (error: unknown): void => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    watch.report("unhandled-rejection", stack);
  };
  process.on("unhandledRejection", onRejection);
  try {
    const { faults, central } = await play(world, watch, kind);
    return {
      seed,
      kind,
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

async function play(
  world: World,
  watch: Watch,
  kind: WorldKind,
): Promise<{ faults: Faults; central: CentralHost }> {
  const { chance } = world;
  const network = new Network(world);
  const cast = kind === "one" ? castOfOne(chance) : castOfSeveral(chance);
  const sizes = {
    segmentBytes: chance.pick([2048, 3072, 8192]) ?? 2048,
    groupBytes: chance.pick([1024, 2048, 4096]) ?? 1024,
    groupsMax: chance.whole(2, 4),
  };
  const time = new CentralTime(world, cast.clockOffsetMs);
  const draws = new DrawsWatch({
    world,
    watch,
    time,
    draws: cast.draws.map(({ plan }) => plan),
    told: toldDraw(cast)?.plan.name,
  });
  const central = new CentralHost({ world, network, watch, cast, time, draws, sizes });
  const scripts = cast.draws;
  const agencies = cast.parts.map(
    (part) => new AgencyHost({ world, network, watch, central, time, draws, scripts, part }),
  );
  world.schedule(undefined, chance.spread(1, 3000), "the central is started", () =>
    central.start(),
  );
  for (const agency of agencies) {
    const { startsAtMs = chance.spread(1, 3000), leavesAtMs } = agency.part;
    world.schedule(undefined, startsAtMs, "an agency is started", () => agency.start());
    if (leavesAtMs === undefined) continue;
    world.schedule(undefined, leavesAtMs, "an agency leaves", () => {
      agency.retired = true;
      agency.kill("all");
    });
  }
  const several = kind === "several";
  const faults = new Faults({ world, network, watch, central, agencies, time, several });
  const onAct = (draw: string): void => faults.onAct(draw);
  const operators = new Operators({ world, watch, central, draws, onAct });
  const stories = several
    ? scripts.map((script) => new Story(script, { world, central, operators }))
    : [];
  for (const story of stories) void story.play();
  const scene: Scene = { world, watch, cast, central, agencies, time, draws, operators, stories };

  const told = (): boolean => stories.every(({ over }) => over) && agencies.every(isServed(scene));
  const broken = (): boolean => watch.violations.length > 0;
  let untilMs = Number.POSITIVE_INFINITY;
  const eventsMax = EVENTS_MAX;
  await world.run(() => broken() || told() || faults.over, { untilMs, eventsMax });
  untilMs = world.nowMs + QUIET_WITHIN_MS;
  if (stories.length > 0) {
    world.schedule(undefined, HURRY_AFTER_MS, "nobody waits any longer", () => {
      for (const story of stories) story.hurried = true;
    });
  }
  await world.run(() => broken() || told(), { untilMs, eventsMax });
  if (broken()) return { faults, central };
  if (!told()) {
    watch.report("stuck", whoWaits(scene));
    return { faults, central };
  }
  faults.end();
  await afterwards(scene);
  if (!broken()) judge(scene);
  return { faults, central };
}

/** After the end of the faults operators wait so long for agencies that are not done. */
const HURRY_AFTER_MS = 45_000;

/**
 * Whether an agency has got all that it can get. One that names no draw may find another one than its own
 * (docs/draws.md), so it goes when all draws are over.
 */
function isServed({ stories }: Scene): (agency: AgencyHost) => boolean {
  const missed = new Set(
    stories.filter((story) => story.missed).map(({ script }) => script.plan.name),
  );
  return ({ settled, part }) =>
    settled || (stories.length > 0 && (part.draw === undefined || missed.has(part.draw)));
}

function whoWaits(scene: Scene): string {
  const { stories, agencies } = scene;
  const waiting = agencies.filter((agency) => !isServed(scene)(agency));
  const unfinished = stories.filter(({ over }) => !over).map(({ script }) => script.plan.name);
  const draws = unfinished.length === 0 ? "" : `draws ${unfinished.join()} have no end; `;
  const numbers = waiting.map(({ part }) => part.agency).join();
  return `${draws}agencies ${numbers} have not been told after all faults ended`;
}

/** What a world has. */
export interface Scene {
  readonly world: World;
  readonly watch: Watch;
  readonly cast: Cast;
  readonly central: CentralHost;
  readonly agencies: readonly AgencyHost[];
  readonly time: CentralTime;
  readonly draws: DrawsWatch;
  readonly operators: Operators;
  readonly stories: readonly Story[];
}

/** A row that is added to an agency's file after the draw. */
const LATE_ROW = "Tarde,de la Peña,99000001,1999-12-31,17\r\n";

/** Checks that the results of a finished draw survive another crash and a last orderly stop. */
async function afterwards({ world, watch, central, agencies, stories }: Scene): Promise<void> {
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
  // Without a name an agency would find another draw now.
  const again = chance.pick(
    agencies.filter(({ told, part }) => told && (stories.length === 0 || part.draw !== undefined)),
  );
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
