import { Command } from "commander";
import type { AgencyShape, DrawShape } from "../../http/shapes.ts";
import { plural } from "../../lottery/plural.ts";
import { addExamples } from "../examples.ts";
import { CommandFailure } from "../exit-status.ts";
import { formatCount } from "../numbers.ts";
import { renderTable } from "../terminal.ts";
import {
  clientOf,
  confirm,
  confirming,
  type DeedOptions,
  doing,
  drawPath,
  printResult,
  type ReachOptions,
  reaching,
  type Result,
  signature,
} from "./operating.ts";
import type { OperatorsClient } from "./operators-client.ts";

type OfDraw<Options> = Options & { readonly draw?: string };

const DRAW = ["--draw <name>", "which draw (default: the current one)"] as const;

/** Adds the subcommands of `quiniela agencies` that speak with a running central. */
export function addAgenciesCommands(agencies: Command): Command {
  for (const command of [list(), show(), done(), disconnect(), reload()]) {
    agencies.addCommand(command);
  }
  return agencies;
}

/** The current draw, unless one is named. @throws CommandFailure when there is none */
export async function drawOf(client: OperatorsClient, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const { current } = await client.get<{ current: string | null }>("/status");
  if (current !== null) return current;
  const draws = await client.get<DrawShape[]>("/draws");
  const names = draws.map(({ draw }) => draw).join(", ");
  throw new CommandFailure(
    `There is no current draw: choose one with --draw${names === "" ? "" : `: ${names}`}`,
  );
}

/** All agencies of a draw, in as many requests as it takes. */
export async function agenciesOf(client: OperatorsClient, draw: string): Promise<AgencyShape[]> {
  const all: AgencyShape[] = [];
  for (;;) {
    const after = all.at(-1)?.agency ?? 0;
    const path = `${drawPath(draw)}/agencies?max=10000&after=${after}`;
    const page = await client.get<AgencyShape[]>(path);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

function list(): Command {
  const command = reaching(
    new Command("list").description("list the agencies of a draw of a running central"),
  ).option(...DRAW);
  command.action(async (options: OfDraw<ReachOptions>) => {
    const client = clientOf(options);
    const agencies = await agenciesOf(client, await drawOf(client, options.draw));
    console.log(options.json === true ? JSON.stringify(agencies) : agenciesTable(agencies));
  });
  return addExamples(command, [["quiniela agencies list", "Those of the current draw"]]);
}

/** A table of agencies for people. */
export function agenciesTable(agencies: readonly AgencyShape[]): string {
  const columns = [
    { title: "agency", align: "right" },
    { title: "name" },
    { title: "bets", align: "right" },
    { title: "batches", align: "right" },
    { title: "done" },
    { title: "connected" },
    { title: "last seen" },
  ] as const;
  const rows = agencies.map((agency) => [
    String(agency.agency),
    agency.name ?? "",
    agency.bets,
    agency.batches,
    agency.closedOut ? "closed out" : agency.done ? "yes" : "no",
    agency.connections > 0 ? "yes" : "no",
    agency.lastSeen ?? "never",
  ]);
  return renderTable(columns, rows);
}

function pathOf(draw: string, agency: string): string {
  return `${drawPath(draw)}/agencies/${encodeURIComponent(agency)}`;
}

function show(): Command {
  const command = reaching(
    new Command("show").description("show an agency of a draw").argument("<agency>"),
  ).option(...DRAW);
  command.action(async (agency: string, options: OfDraw<ReachOptions>) => {
    const client = clientOf(options);
    const path = pathOf(await drawOf(client, options.draw), agency);
    const shape = await client.get<AgencyShape>(path);
    if (options.json === true) return console.log(JSON.stringify(shape));
    console.log(`${agenciesTable([shape])}\nChain head ${shape.head}`);
  });
  return addExamples(command, [["quiniela agencies show 4", "Agency 4 of the current draw"]]);
}

function done(): Command {
  const command = confirming(
    new Command("done")
      .description("wait no longer for an agency: it is closed out with what it has confirmed")
      .argument("<agency>"),
  ).option(...DRAW);
  command.action(async (agency: string, options: OfDraw<DeedOptions>) => {
    const client = clientOf(options);
    const draw = await drawOf(client, options.draw);
    const path = pathOf(draw, agency);
    const { bets } = await client.get<AgencyShape>(path);
    const held = plural(bets, "bet", formatCount);
    await confirm(`Agency ${agency} has ${held} in draw ${draw}, and can send no more.`, options);
    const answer = await client.post<Result>(`${path}/done`, signature(options));
    printResult(answer, options, `Draw ${draw} waits no longer for agency ${agency}.`);
  });
  return addExamples(command, [
    ['quiniela agencies done 4 --reason "its line is cut"', "Asks first"],
  ]);
}

function disconnect(): Command {
  const command = doing(
    new Command("disconnect")
      .description("end an agency's connections; it may connect again")
      .argument("<agency>"),
  ).option(...DRAW);
  command.action(async (agency: string, options: OfDraw<DeedOptions>) => {
    const client = clientOf(options);
    const path = pathOf(await drawOf(client, options.draw), agency);
    const answer = await client.post<{ connections: number }>(
      `${path}/disconnect`,
      signature(options),
    );
    if (options.json === true) return console.log(JSON.stringify(answer));
    console.log(
      `${plural(answer.connections, "connection", formatCount)} of agency ${agency} ended.`,
    );
  });
  return addExamples(command, [["quiniela agencies disconnect 4", "Agency 4"]]);
}

function reload(): Command {
  const command = reaching(
    new Command("reload").description("read agencies, certificates and timetable again"),
  );
  command.action(async (options: ReachOptions) => {
    const answer = await clientOf(options).post<{ result: "done" }>("/reload", {});
    printResult(answer, options, "Everything was read again.");
  });
  return addExamples(command, [["quiniela agencies reload", "After a change of agencies.yaml"]]);
}
