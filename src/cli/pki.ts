import { join } from "node:path";
import { Command, Option } from "commander";
import { type AgencyId, AGENCY_MAX } from "../lottery/bet.ts";
import { plainSerial } from "../identity/certificate.ts";
import type { Holder, Times } from "../identity/pki/authority.ts";
import type { ListedCertificate, Selection } from "../identity/pki/authority-folder.ts";
import { alone } from "./alone.ts";
import { addExamples } from "./examples.ts";
import { CommandFailure, EXIT_USAGE } from "./exit-status.ts";
import { count } from "./option-parsers.ts";
import { renderTable } from "./terminal.ts";

const DIR_DEFAULT = "pki";
const AUTHORITY_DAYS_DEFAULT = 3650;
const CERTIFICATE_DAYS_DEFAULT = 397;
const DAYS_MAX = 36_500;
const DAY_MS = 86_400_000;
/** A certificate is valid a little before it was made: the clocks of others may be behind. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** The lock of an authority's folder. */
const LOCK = "lock";

/** `quiniela pki`: a small certificate authority in a folder. */
export function pkiCommand(): Command {
  const command = new Command("pki").description(
    "a small certificate authority, for the certificates of agencies and central",
  );
  command.addCommand(initCommand()).addCommand(issueCommand());
  command.addCommand(revokeCommand()).addCommand(listCommand());
  return addExamples(command, [
    ["quiniela pki init --name Lottery", "Make an authority in the folder pki"],
    ["quiniela pki issue --server localhost,127.0.0.1", "A certificate for the central"],
    ["quiniela pki issue --agency 17", "A certificate for agency 17"],
    ["quiniela pki list", "What was issued, and what is valid"],
  ]);
}

interface InitOptions {
  readonly dir: string;
  readonly name: string;
  readonly days: number;
}

function initCommand(): Command {
  const command = withDir(new Command("init"))
    .description("make an authority: ca.pem, ca.key and an empty crl.pem; nothing is overwritten")
    .requiredOption("--name <text>", "name of the authority, in its certificate")
    .addOption(daysOption(AUTHORITY_DAYS_DEFAULT))
    .action(async ({ dir, name, days }: InitOptions) => {
      const { initAuthority } = await import("../identity/pki/authority-folder.ts");
      await initAuthority(dir, name, timesOf(days));
      console.log(
        `The authority is in ${dir}. Keep ${join(dir, "ca.key")} secret, and a copy of it`,
      );
    });
  return addExamples(command, [["quiniela pki init --name Lottery", "In the folder pki"]]);
}

interface IssueOptions {
  readonly dir: string;
  readonly out?: string;
  readonly agency?: number;
  readonly server?: string;
  readonly days: number;
}

function issueCommand(): Command {
  const command = withDir(new Command("issue"))
    .description("issue a certificate with a new key, for an agency or for the central")
    .addOption(
      new Option("--agency <n>", "certificate of a client: this agency")
        .argParser(count({ min: 1, max: AGENCY_MAX }))
        .conflicts("server"),
    )
    .option(
      "--server <names>",
      "certificate of a server: its host names and IP addresses, comma-separated",
    )
    .addOption(daysOption(CERTIFICATE_DAYS_DEFAULT))
    .option("--out <folder>", "where the certificate and its key go (default: the authority's)")
    .action(issue);
  return addExamples(command, [
    ["quiniela pki issue --agency 18 --days 90 --out agency-18", "In a folder of its own"],
  ]);
}

async function issue({ dir, out = dir, days, ...who }: IssueOptions): Promise<void> {
  const holder = holderFrom(who);
  const { issueFrom } = await import("../identity/pki/authority-folder.ts");
  const issued = await alone(dir, LOCK, dir, () => issueFrom(dir, holder, timesOf(days), out));
  const { certificatePath, keyPath, facts } = issued;
  const lines: [string, string][] = [
    ["certificate", certificatePath],
    ["key", keyPath],
    ["serial", facts.serial],
    ["until", facts.until.toISOString()],
    ["fingerprint", facts.fingerprint],
  ];
  console.log(lines.map(([name, value]) => `${name.padEnd(11)} ${value}`).join("\n"));
}

function holderFrom({ agency, server }: Pick<IssueOptions, "agency" | "server">): Holder {
  // The option's parser has checked its range.
  if (agency !== undefined) return { kind: "agency", agency: agency as AgencyId };
  if (server !== undefined) {
    return { kind: "server", hosts: server.split(",").map((host) => host.trim()) };
  }
  throw new CommandFailure("Cannot issue: name --agency or --server", EXIT_USAGE);
}

interface RevokeOptions {
  readonly dir: string;
  readonly agency?: number;
}

function revokeCommand(): Command {
  const command = withDir(new Command("revoke"))
    .description("revoke certificates: write a new crl.pem, which a central must reload")
    .argument("[certificate]", "serial number or fingerprint, in hex")
    .option(
      "--agency <n>",
      "all valid certificates of this agency",
      count({ min: 1, max: AGENCY_MAX }),
    )
    .action(revoke);
  return addExamples(command, [["quiniela pki revoke --agency 17", "All that agency 17 has"]]);
}

async function revoke(hex: string | undefined, { dir, agency }: RevokeOptions): Promise<void> {
  const selection = selectionFrom(hex, agency);
  const { holderOf, revokeIn } = await import("../identity/pki/authority-folder.ts");
  const { selected, revoked, damaged } = await alone(dir, LOCK, dir, () =>
    revokeIn(dir, selection, new Date()),
  );
  const told = new Set(revoked.map(({ serial }) => serial));
  for (const one of selected) {
    const state = told.has(one.serial) ? "Revoked" : "Was revoked already";
    const lost = ", whose file is not there";
    const whose = one.hosts === undefined ? lost : `, ${holderOf(one)}`;
    console.log(`${state}: ${one.serial}${whose}`);
  }
  warn(damaged);
}

function selectionFrom(hex: string | undefined, agency: number | undefined): Selection {
  if ((hex === undefined) === (agency === undefined)) {
    const advice = "name one serial number or fingerprint, or --agency";
    throw new CommandFailure(`Cannot revoke: ${advice}`, EXIT_USAGE);
  }
  if (agency !== undefined) return { kind: "agency", agency };
  const digits = (hex ?? "").replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits)) {
    throw new CommandFailure("Cannot revoke: the number is not in hex", EXIT_USAGE);
  }
  // A fingerprint keeps its zeros.
  return { kind: "certificate", hex: digits.length === 64 ? digits : plainSerial(digits) };
}

function listCommand(): Command {
  const command = withDir(new Command("list"))
    .description("list the certificates that the authority issued, the oldest first")
    .option("--json", "print the list as JSON")
    .action(list);
  return addExamples(command, [["quiniela pki list --json", "For another program"]]);
}

async function list({ dir, json }: { readonly dir: string; readonly json?: true }): Promise<void> {
  const { holderOf, listCertificates } = await import("../identity/pki/authority-folder.ts");
  const { certificates, damaged } = await listCertificates(dir, new Date());
  warn(damaged);
  if (json) {
    console.log(JSON.stringify(certificates.map(asJson)));
    return;
  }
  const rows = certificates.map((one) => [
    one.serial,
    holderOf(one),
    dayOf(one.from),
    dayOf(one.until),
    one.state,
  ]);
  const titles = ["serial", "who", "from", "until", "state"];
  console.log(
    renderTable(
      titles.map((title) => ({ title })),
      rows,
    ),
  );
}

function warn(damaged: readonly string[]): void {
  for (const what of damaged) console.error(`Cannot use ${what}`);
}

function asJson(one: ListedCertificate): unknown {
  const { serial, fingerprint, agency, hosts, from, until, state, revokedAt } = one;
  return {
    serial,
    fingerprint,
    agency: agency ?? null,
    hosts,
    from: from.toISOString(),
    until: until.toISOString(),
    state,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function withDir(command: Command): Command {
  return command.option("--dir <folder>", "folder of the authority", DIR_DEFAULT);
}

function daysOption(days: number): Option {
  return new Option("--days <n>", "how long the certificate is valid")
    .argParser(count({ min: 1, max: DAYS_MAX }))
    .default(days);
}

function timesOf(days: number): Times {
  const now = Date.now();
  return { from: new Date(now - CLOCKS_DIFFER_MS), until: new Date(now + days * DAY_MS) };
}
