import { checkEvidence } from "../checker/check-evidence.ts";
import type { ClientEvidence, Evidence } from "../checker/evidence.ts";
import type { AgencyHost } from "./agency-host.ts";
import type { DrawScript } from "./cast.ts";
import { actsIn, folderOf, holdsDraw, isCancelled } from "./durable.ts";
import type { Scene } from "./simulate.ts";

/** Judges every draw on its own, from what is left at the end. */
export function judge(scene: Scene): void {
  const { cast, watch, central } = scene;
  for (const script of cast.draws) {
    const { name } = script.plan;
    const begun = script.opened === "told" || actsIn(central.memory, name).length > 0;
    if (!begun) continue;
    for (const { rule, agency, text } of checkEvidence(evidenceOf(script, scene))) {
      const where = cast.draws.length > 1 ? `draw ${name}: ` : "";
      watch.report(rule, `${where}${agency === undefined ? text : `agency ${agency}: ${text}`}`);
    }
  }
}

function evidenceOf(script: DrawScript, scene: Scene): Evidence {
  const { watch, central, operators, stories } = scene;
  const { plan, number } = script;
  const { name } = plan;
  const folder = `${folderOf(name)}/`;
  const files = [...central.memory.durableFiles]
    .filter(([path]) => path.startsWith(folder))
    .map(([path, bytes]) => [path.slice(folder.length), bytes] as const);
  const missed = stories.some((story) => story.script === script && story.missed);
  return {
    draw: name,
    winningNumber: number,
    numberTold: plan.winningNumber === undefined,
    closesAtMs: plan.closesAtMs,
    secondOperator: plan.secondOperator,
    actsDone: operators.doneIn(name),
    agencies: plan.agencies,
    clients: clientsOf(name, scene.agencies),
    files: new Map(files),
    centralLog: linesOfDraw(name, watch.centralLog),
    agencyLog: agencyLines(name, scene),
    drawMayBeToldAgain: central.mayBeToldAgain.has(name),
    over: !isCancelled(central.memory, name) && !(missed && !holdsDraw(central.memory, name)),
  };
}

/** One client for each agency: the one that took part, or one of another draw, which must have got nothing. */
function clientsOf(draw: string, agencies: readonly AgencyHost[]): ClientEvidence[] {
  const clients = new Map<number, ClientEvidence>();
  for (const agency of agencies) {
    const { part } = agency;
    if (part.draw === undefined || part.draw === draw) {
      clients.set(part.agency, agency.evidence(draw));
    }
  }
  for (const agency of agencies) {
    const { part } = agency;
    if (clients.has(part.agency)) continue;
    clients.set(part.agency, { ...agency.evidence(draw), batches: [] });
  }
  return [...clients.values()];
}

const DRAWN = / action: sorteo \| /;
const SUMMARY = / action: draw_summary \| result: success \| draw: ([^ ]+) /;

/** The central's log without the lines of other draws. The line of a draw has no name: the next one has. */
function linesOfDraw(draw: string, log: readonly string[]): string[] {
  return log.filter((line, index) => {
    if (!DRAWN.test(line)) return true;
    return SUMMARY.exec(log[index + 1] ?? "")?.[1] === draw;
  });
}

const TOLD = / action: consulta_ganadores \| result: success /;

/** The agencies' log without winners of other draws. */
function agencyLines(draw: string, { watch, agencies }: Scene): string[] {
  const told = new Map(agencies.flatMap(({ heard }) => [...heard.toldBy]));
  return watch.agencyLog
    .filter(({ who, line }) => !TOLD.test(line) || told.get(who) === draw)
    .map(({ line }) => line);
}
