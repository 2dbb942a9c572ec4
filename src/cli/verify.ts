import { Command } from "commander";
import { type Verification, verifyDraw } from "../stores/ledger/verify.ts";
import { shownActs } from "../lottery/act.ts";
import { plural } from "../lottery/plural.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_NOT_PUBLISHED } from "./exit-status.ts";
import { formatCount } from "./numbers.ts";
import { actsTable } from "./operate/draws-commands.ts";
import { paint, renderTable } from "./terminal.ts";
import { addExamples } from "./examples.ts";
import { type LeftOut, readReceiptFiles } from "./receipt-files.ts";

interface Options {
  readonly draw?: string;
  readonly json?: true;
  readonly receipts?: readonly string[];
}

/** `quiniela verify`: checks a draw from its files. */
export function verifyCommand(): Command {
  return addExamples(
    addDrawArguments(
      new Command("verify").description(
        "recompute a draw's chains, seal and winners from its files; name the first difference",
      ),
    )
      .option(
        "--receipts <file>",
        "an agency's receipts: the draw must have their batches (once for each file)",
        (file: string, files?: readonly string[]) => [...(files ?? []), file],
      )
      .option("--json", "print the result as JSON")
      .action(verify),
    [
      ["quiniela verify ./my-draw/data", "The only draw in a central's data folder"],
      [
        "quiniela verify ./my-draw/data --draw 1 --json",
        "A draw by its name, for a program to read",
      ],
    ],
  );
}

async function verify(dir: string, options: Options): Promise<void> {
  const draw = await findDraw(dir, options.draw);
  const files = options.receipts && (await readReceiptFiles(options.receipts, draw));
  const verification = await verifyDraw(dir, draw, undefined, files?.receipts);
  if (options.json) {
    const acts = shownActs(verification.acts);
    const receipts = files && { ...verification.receipts, leftOut: files.leftOut };
    console.log(JSON.stringify({ ...verification, acts, receipts }, undefined, 2));
  } else {
    print(verification, files?.leftOut ?? []);
  }
  // No message: the report on standard output says it already.
  if (verification.difference !== undefined) throw new CommandFailure("", EXIT_FAILURE);
  if (verification.files === "pending") throw new CommandFailure("", EXIT_NOT_PUBLISHED);
}

const NOT_PUBLISHED =
  "The draw is drawn and its files are not published yet: the next start of a central on it writes bets.csv and seal.json.";

function print(verification: Verification, leftOut: readonly LeftOut[]): void {
  const { draw, state, agencies, acts, seal, files, receipts, tornTail, difference } = verification;
  const columns = [
    { title: "agency" },
    { title: "batches", align: "right" },
    { title: "bets", align: "right" },
    { title: "winners", align: "right" },
    { title: "chain head" },
    { title: "done" },
  ] as const;
  const rows = agencies.map(({ agency, name, batches, bets, winners, head, done, closedOut }) => [
    name === undefined ? String(agency) : `${agency} ${name}`,
    batches,
    bets,
    state === "drawn" ? winners.length : "",
    `${head.slice(0, 16)}…`,
    closedOut ? "closed out" : done ? "yes" : "no",
  ]);
  console.log(renderTable(columns, rows));
  const bets = agencies.reduce((sum, agency) => sum + agency.bets, 0);
  console.log(`Draw ${draw} is ${state}: ${plural(bets, "bet", formatCount)}.`);
  if (acts.length > 0) console.log(actsTable(shownActs(acts)));
  if (seal !== undefined) console.log(`Seal ${seal}`);
  if (tornTail !== undefined) {
    const { file, offset, bytes } = tornTail;
    console.log(
      `${file} ends in ${plural(bytes, "byte")} of a record that was never whole, from byte ${offset}: the next start of a central cuts them.`,
    );
  }
  for (const { file, bytes } of leftOut) {
    console.log(
      `${file} ends in ${plural(bytes, "byte")} that were never whole receipts: they are left out.`,
    );
  }
  if (receipts !== undefined) {
    const [agree, given] = [receipts.agree, receipts.given].map(formatCount);
    console.log(`Receipts that agree with the ledger: ${agree} of ${given}.`);
  }
  if (difference !== undefined) {
    console.log(`${paint("red", "They differ:", process.stdout)} ${difference}`);
  } else {
    console.log(paint("green", "Everything agrees.", process.stdout));
    if (files === "pending") console.log(NOT_PUBLISHED);
  }
}
