import { Command, InvalidArgumentError, Option } from "commander";
import type { DrawShape } from "../../http/shapes.ts";
import { NUMBER_MAX } from "../../lottery/bet.ts";
import { plural } from "../../lottery/plural.ts";
import { addExamples } from "../examples.ts";
import { CommandFailure } from "../exit-status.ts";
import { formatCount } from "../numbers.ts";
import { renderTable } from "../terminal.ts";
import {
  ask,
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

/** Adds the subcommands of `quiniela draws` that speak with a running central. */
export function addDrawsCommands(draws: Command): Command {
  for (const command of [list(), show(), open(), close(), cancel(), number(), run()]) {
    draws.addCommand(command);
  }
  return draws;
}

function list(): Command {
  const command = reaching(new Command("list").description("list the draws of a running central"));
  command.action(async (options: ReachOptions) => {
    const draws = await clientOf(options).get<DrawShape[]>("/draws");
    if (options.json === true) console.log(JSON.stringify(draws));
    else console.log(draws.length === 0 ? "This central has no draws." : drawsTable(draws));
  });
  return addExamples(command, [["quiniela draws list --data-dir ./data", "All draws there"]]);
}

/** A table of draws for people. */
export function drawsTable(draws: readonly DrawShape[]): string {
  const columns = [
    { title: "draw" },
    { title: "state" },
    { title: "opens or closes" },
    { title: "done", align: "right" },
    { title: "bets", align: "right" },
    { title: "number", align: "right" },
  ] as const;
  const rows = draws.map((draw) => [
    draw.current ? `${draw.draw} (current)` : draw.draw,
    draw.state,
    timeOf(draw),
    `${draw.done} of ${draw.agencies}`,
    draw.bets,
    draw.winningNumber === null ? "" : String(draw.winningNumber),
  ]);
  return renderTable(columns, rows);
}

function timeOf({ state, opensAt, closesAt }: DrawShape): string {
  if (state === "scheduled" && opensAt !== null) return `opens ${opensAt}`;
  if (closesAt === null) return "when all are done";
  return state === "open" ? `closes ${closesAt}` : closesAt;
}

function show(): Command {
  const command = reaching(
    new Command("show").description("show a draw, and what operators did").argument("<draw>"),
  );
  command.action(async (name: string, options: ReachOptions) => {
    const draw = await clientOf(options).get<DrawShape>(drawPath(name));
    console.log(options.json === true ? JSON.stringify(draw) : drawText(draw));
  });
  return addExamples(command, [["quiniela draws show 2026-12-01-nocturna", "That draw"]]);
}

function drawText(draw: DrawShape): string {
  const lines = [drawsTable([draw])];
  const waiting = missingText(draw);
  if (waiting !== "") lines.push(`It waits for agencies ${waiting}.`);
  if (draw.closedOut > 0) {
    lines.push(
      `${plural(draw.closedOut, "agency", formatCount)} closed out before they were done.`,
    );
  }
  if (draw.number === "told" && draw.winningNumber === null) {
    const by = draw.secondOperator ? "Two operators tell" : "An operator tells";
    lines.push(`${by} its number after the seal: quiniela draws number ${draw.draw}`);
  }
  if (draw.byOperator) lines.push(`It is drawn by an operator: quiniela draws run ${draw.draw}`);
  if (draw.acts.length > 0) lines.push(actsTable(draw.acts));
  return lines.join("\n");
}

/** What operators and the clock did, for people. */
export function actsTable(acts: DrawShape["acts"]): string {
  const columns = [{ title: "when" }, { title: "act" }, { title: "who" }, { title: "why" }];
  const rows = acts.map(({ act, agency, number, at, by, reason }) => [
    at,
    [act, agency, number].filter((part) => part !== undefined).join(" "),
    by,
    reason,
  ]);
  return renderTable(columns, rows);
}

function missingText({ missing: { first, more } }: DrawShape): string {
  return more > 0 ? `${first.join(", ")} and ${more} more` : first.join(", ");
}

type OpenOptions = DeedOptions & {
  readonly agencies?: number;
  readonly agency: readonly { agency: number; name: string }[];
  readonly number: number | null;
  readonly closesAt?: string;
  readonly secondOperator?: true;
  readonly byOperator?: true;
};

function open(): Command {
  const command = doing(new Command("open").description("open a new draw").argument("<draw>"))
    .addOption(
      new Option("--agencies <n>", "agencies that must be done, numbered from 1")
        .argParser(wholeNumber(1, 100_000))
        .conflicts("agency"),
    )
    .option(
      "--agency <n=name>",
      "an agency that must be done, with its name; once for each",
      namedAgency,
      [],
    )
    .option(
      "--number <number>",
      "the winning number, or `told`: an operator tells it after the seal",
      winningNumber,
      null,
    )
    .option("--closes-at <time>", "when it closes, such as 2026-12-01T21:00:00-03:00")
    .option("--second-operator", "a second operator must type the number again")
    .option("--by-operator", "it is not drawn before an operator says `draws run`");
  command.action(async (draw: string, options: OpenOptions) => {
    const agencies = options.agencies ?? options.agency;
    if (typeof agencies !== "number" && agencies.length === 0) {
      throw new CommandFailure("Cannot open a draw without agencies: give --agencies or --agency");
    }
    const answer = await clientOf(options).post<Result>("/draws", {
      ...signature(options),
      draw,
      agencies,
      winningNumber: options.number,
      closesAt: options.closesAt,
      secondOperator: options.secondOperator === true,
      byOperator: options.byOperator === true,
    });
    printResult(answer, options, `Draw ${draw} is open.`);
  });
  return addExamples(command, [
    ["quiniela draws open 2026-12-01-nocturna --agencies 5", "Five agencies, number told later"],
    [
      'quiniela draws open especial --agency "1=Kiosco Norte" --agency "7=La Suerte" --number 7574',
      "Two named agencies, and a number",
    ],
  ]);
}

function close(): Command {
  const command = confirming(
    new Command("close")
      .description("close a draw now, also without agencies that are not done")
      .argument("<draw>"),
  );
  command.action(async (name: string, options: DeedOptions) => {
    const client = clientOf(options);
    const path = drawPath(name);
    const draw = await client.get<DrawShape>(path);
    const missing = draw.missing.first.length + draw.missing.more;
    const without =
      missing === 0
        ? ""
        : ` ${plural(missing, "agency", formatCount)} not done (${missingText(draw)}): closed out with what they have confirmed.`;
    const bets = plural(draw.bets, "bet", formatCount);
    await confirm(`Draw ${name} is ${draw.state} with ${bets}.${without}`, options);
    const body = { ...signature(options), missing };
    const answer = await client.post<Result>(`${path}/close`, body);
    printResult(answer, options, `Draw ${name} is closed.`);
  });
  return addExamples(command, [
    [
      'quiniela draws close 2026-12-01-nocturna --reason "agency 4 has no power"',
      "Asks, and says who is missing",
    ],
  ]);
}

function cancel(): Command {
  const command = confirming(
    new Command("cancel")
      .description("cancel a draw that is not sealed: there will be none")
      .argument("<draw>"),
  );
  command.action(async (name: string, options: DeedOptions) => {
    const client = clientOf(options);
    const path = drawPath(name);
    const draw = await client.get<DrawShape>(path);
    const bets = plural(draw.bets, "bet", formatCount);
    await confirm(`Draw ${name} is ${draw.state} with ${bets}: it will be cancelled.`, options);
    const answer = await client.post<Result>(`${path}/cancel`, signature(options));
    printResult(answer, options, `Draw ${name} is cancelled.`);
  });
  return addExamples(command, [
    ['quiniela draws cancel especial --reason "announced by mistake"', "Asks first"],
  ]);
}

function number(): Command {
  const command = confirming(
    new Command("number")
      .description(
        "tell the winning number of a sealed draw, typed twice (or as two lines of input)",
      )
      .argument("<draw>"),
  );
  command.action(async (name: string, options: DeedOptions) => {
    const client = clientOf(options);
    const path = drawPath(name);
    const draw = await client.get<DrawShape>(path);
    const told = await typedTwice(name);
    const propose = draw.secondOperator && !proposedByAnother(draw, options.operator);
    await confirm(
      propose
        ? `${told} is the number of draw ${name}, and another operator types it after you.`
        : `${told} is the number of draw ${name}.`,
      options,
    );
    const body = { ...signature(options), number: told, propose };
    const answer = await client.post<Result>(`${path}/number`, body);
    const done = propose
      ? `The first operator has told the number of draw ${name}. Now a second one: quiniela draws number ${name}`
      : `The number of draw ${name} is ${told}.`;
    printResult(answer, options, done);
  });
  return addExamples(command, [
    ["quiniela draws number 2026-12-01-nocturna", "Asks for the number twice"],
    ["printf '7574\\n7574\\n' | quiniela draws number 2026-12-01-nocturna --yes", "From a script"],
  ]);
}

function proposedByAnother({ acts }: DrawShape, operator: string): boolean {
  const last = acts.findLast(({ act }) => act === "propose-number");
  return last !== undefined && last.by !== operator;
}

/** @throws CommandFailure when the two differ, or are no number */
async function typedTwice(name: string): Promise<number> {
  const [first, second] = await ask([`Number of draw ${name}: `, "The same number again: "]);
  if (first === undefined || second === undefined) {
    throw new CommandFailure("Cannot tell the number: it must be typed twice, one line each");
  }
  if (first.trim() !== second.trim()) {
    throw new CommandFailure("Cannot tell the number: the two differ; nothing was done");
  }
  const text = first.trim();
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CommandFailure(
    `Cannot tell the number: ${JSON.stringify(text)} is no number from 0 to ${NUMBER_MAX}`,
  );
}

function run(): Command {
  const command = confirming(
    new Command("run")
      .description("perform a draw that waits for an operator, once its number is known")
      .argument("<draw>"),
  );
  command.action(async (name: string, options: DeedOptions) => {
    await confirm(`Draw ${name} will be performed.`, options);
    const path = `${drawPath(name)}/run`;
    const answer = await clientOf(options).post<Result>(path, signature(options));
    printResult(answer, options, `Draw ${name} is drawn.`);
  });
  return addExamples(command, [["quiniela draws run 2026-12-01-nocturna", "Asks first"]]);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Allowed: a whole number from ${min} to ${max}.`);
  };
}

function winningNumber(text: string): number | null {
  return text === "told" ? null : wholeNumber(0, NUMBER_MAX)(text);
}

function namedAgency(
  text: string,
  before: readonly { agency: number; name: string }[],
): { agency: number; name: string }[] {
  const [, agency, name] = /^(\d{1,10})=(.*)$/.exec(text) ?? [];
  if (agency === undefined || name === undefined || Number(agency) < 1) {
    throw new InvalidArgumentError("Allowed: an agency's number, = and its name.");
  }
  return [...before, { agency: Number(agency), name }];
}
