import { Command } from "commander";
import type { ServiceStatus } from "../../http/api.ts";
import type { AgencyShape, DrawShape } from "../../http/shapes.ts";
import { plural } from "../../lottery/plural.ts";
import { pause, systemClock } from "../../clock.ts";
import { addExamples } from "../examples.ts";
import { formatCount } from "../numbers.ts";
import { agenciesOf, agenciesTable } from "./agencies-commands.ts";
import { drawsTable } from "./draws-commands.ts";
import { clientOf, type ReachOptions, reaching } from "./operating.ts";
import type { OperatorsClient } from "./operators-client.ts";

interface Status extends ServiceStatus {
  readonly current: string | null;
  readonly draws: readonly DrawShape[];
}

/** What is shown of a central at one moment. */
interface Look {
  readonly status: Status;
  readonly agencies: readonly AgencyShape[];
  readonly atMs: number;
}

type Options = ReachOptions & { readonly watch?: true };

/** The time between two looks from which the rate is computed. */
const RATE_MS = 500;
const WATCH_MS = 1000;
/** With more agencies none of them is asked for. */
const LOOKED_AT_MAX = 1000;
/** With more agencies only those for which the draw waits are listed. */
const LISTED_MAX = 40;
const CLEAR = "\u001B[H\u001B[2J";

/** `quiniela status`: shows a running central. */
export function statusCommand(): Command {
  const command = reaching(
    new Command("status").description(
      "show a running central: draws, agencies, who is missing, bets a second, disk",
    ),
  ).option("--watch", "show it again every second, until it is interrupted");
  command.action(show);
  return addExamples(command, [
    ["quiniela status --data-dir ./data", "Once"],
    ["quiniela status --watch", "Again and again"],
  ]);
}

async function show(options: Options): Promise<void> {
  const client = clientOf(options);
  let before = await look(client);
  for (;;) {
    await pause(systemClock, options.watch === true ? WATCH_MS : RATE_MS);
    const now = await look(client);
    const rate = rateOf(before, now);
    if (options.json === true) console.log(JSON.stringify({ ...now.status, betsPerSecond: rate }));
    else {
      const clear = options.watch === true && process.stdout.isTTY ? CLEAR : "";
      console.log(`${clear}${text(now, rate)}`);
    }
    if (options.watch !== true) return;
    before = now;
  }
}

async function look(client: OperatorsClient): Promise<Look> {
  const status = await client.get<Status>("/status");
  const draw = status.draws.find((one) => one.draw === status.current);
  const listed = draw !== undefined && draw.agencies <= LOOKED_AT_MAX;
  const agencies = listed ? await agenciesOf(client, draw.draw) : [];
  return { status, agencies, atMs: systemClock.nowMs() };
}

function rateOf(before: Look, now: Look): number {
  const seconds = (now.atMs - before.atMs) / 1000;
  return Math.max(0, Math.round((betsOf(now) - betsOf(before)) / seconds));
}

function betsOf({ status: { draws } }: Look): number {
  return draws.reduce((sum, { bets }) => sum + bets, 0);
}

function text({ status, agencies }: Look, rate: number): string {
  const { version, pid, address, connections, dataDir, disk, draws, current } = status;
  const parts = [
    `Quiniela ${version}, process ${pid}, ${address.address}:${address.port}, since ${status.startedAt}`,
    `${plural(connections, "connection", formatCount)}, ${formatCount(rate)} bets/s`,
    `Data in ${dataDir}${disk === null ? "" : `, ${gibibytes(disk.freeBytes)} of ${gibibytes(disk.bytes)} GiB free`}`,
    draws.length === 0 ? "No draws." : drawsTable(draws),
  ];
  const draw = draws.find((one) => one.draw === current);
  if (draw === undefined) parts.push("There is no current draw: agencies must name one.");
  else parts.push(...drawParts(draw, agencies));
  return parts.join("\n");
}

function drawParts(draw: DrawShape, agencies: readonly AgencyShape[]): string[] {
  const missing = agencies.filter(({ done, closedOut }) => !done && !closedOut);
  const shown = agencies.length <= LISTED_MAX ? agencies : missing.slice(0, LISTED_MAX);
  const rest = agencies.length <= LISTED_MAX ? 0 : missing.length - shown.length;
  const parts = shown.length === 0 ? [] : [agenciesTable(shown)];
  if (rest > 0) parts.push(`and ${formatCount(rest)} more that are not done`);
  const { first, more } = draw.missing;
  if (first.length > 0) {
    const rest = more > 0 ? ` and ${formatCount(more)} more` : "";
    parts.push(`Draw ${draw.draw} waits for agencies ${first.join(", ")}${rest}.`);
  }
  return parts;
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
