import { writeSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { createFile, replaceFile } from "../durable-file.ts";
import { readAgenciesFile } from "../identity/agencies-file.ts";
import { factsOf, readCertificate } from "../identity/certificate.ts";
import { type Edit, editAgencies, NEW_FILE } from "../identity/edit-agencies.ts";
import { newToken, storedKeyOf } from "../identity/token.ts";
import { type AgencyId, agencyId, AGENCY_MAX } from "../lottery/bet.ts";
import { alone } from "./alone.ts";
import { addExamples } from "./examples.ts";
import { CommandFailure, EXIT_USAGE } from "./exit-status.ts";

const FILE_DEFAULT = "agencies.yaml";
/** Of a new file: whoever else must read it gets the permission by hand. */
const NEW_FILE_MODE = 0o600;

/** The commands that change agencies.yaml, and need no running central. */
export function agenciesFileCommands(): Command[] {
  return [addCommand(), rotateCommand(), enableCommand(false), enableCommand(true)];
}

interface AddOptions {
  readonly file: string;
  readonly name: string;
  readonly token?: true;
  readonly certificate?: string;
}

function addCommand(): Command {
  const command = withFile(new Command("add"))
    .description("add an agency; a missing file is made")
    .requiredOption("--name <text>", "name of the agency")
    .option("--token", "make a token, and print it on standard output, this once")
    .option("--certificate <file>", "its certificate, PEM or DER")
    .action(async (agency: AgencyId, { file, name, token, certificate }: AddOptions) => {
      const secret = token === undefined ? undefined : newToken();
      const edit: Edit = {
        kind: "add",
        agency,
        name,
        certificate: certificate && (await fingerprintIn(certificate, agency)),
        token: secret && storedKeyOf(secret),
      };
      await change(file, edit, { make: true, secret });
      tell(`Agency ${agency} is in ${file}`);
    });
  return addExamples(command, [
    ["quiniela agencies add 18 --name Sur", "Without any proof yet: it is not admitted"],
  ]);
}

interface RotateOptions {
  readonly file: string;
  readonly token?: true;
  readonly certificate?: string | true;
  readonly finish?: true;
}

function rotateCommand(): Command {
  const command = withFile(new Command("rotate"))
    .description(
      "change a token or certificate: first both are good, then with --finish the new one",
    )
    .option("--token", "make a second token, and print it on standard output, this once")
    .option("--certificate [file]", "a second certificate; with --finish: the one that stays")
    .option("--finish", "drop the old one")
    .action(rotate);
  return addExamples(command, [
    ["quiniela agencies rotate 17 --token", "A second token"],
    ["quiniela agencies rotate 17 --token --finish", "Only the second token from now on"],
  ]);
}

async function rotate(agency: AgencyId, options: RotateOptions): Promise<void> {
  const { file, token, certificate, finish } = options;
  if ((token === undefined) === (certificate === undefined)) {
    throw new CommandFailure("Cannot rotate: name either --token or --certificate", EXIT_USAGE);
  }
  const list = token === undefined ? "certificates" : "tokens";
  const fingerprint =
    typeof certificate === "string" ? await fingerprintIn(certificate, agency) : undefined;
  if (finish === true) {
    await change(file, { kind: "finish", list, agency, keep: fingerprint });
    tell(`Agency ${agency} has one of its ${list} left in ${file}`);
    return;
  }
  if (certificate === true) {
    throw new CommandFailure("Cannot rotate: name the file of the certificate", EXIT_USAGE);
  }
  const secret = token === undefined ? undefined : newToken();
  const proof = fingerprint ?? (secret && storedKeyOf(secret)) ?? "";
  await change(file, { kind: "rotate", list, proof, agency }, { secret });
  tell(`Agency ${agency} has one more of its ${list} in ${file}`);
}

function enableCommand(enabled: boolean): Command {
  const name = enabled ? "enable" : "disable";
  const command = withFile(new Command(name))
    .description(enabled ? "admit an agency again" : "admit an agency no longer; its entry stays")
    .action(async (agency: AgencyId, { file }: { readonly file: string }) => {
      await change(file, { kind: "enable", agency, enabled });
      tell(`Agency ${agency} is ${enabled ? "enabled" : "disabled"} in ${file}`);
    });
  return addExamples(command, [[`quiniela agencies ${name} 17`, `Agency 17, in ${FILE_DEFAULT}`]]);
}

function withFile(command: Command): Command {
  return command
    .argument("<n>", "number of the agency", parseAgency)
    .option("--file <file>", "the file of the agencies", FILE_DEFAULT);
}

function parseAgency(text: string): AgencyId {
  const agency = /^\d{1,10}$/.test(text) ? agencyId(Number(text)) : undefined;
  if (agency === undefined) {
    throw new InvalidArgumentError(`It must be a whole number, 1 to ${AGENCY_MAX}.`);
  }
  return agency;
}

/**
 * Changes the file, while no other command does.
 *
 * @param make whether to make the file if it is missing
 * @param secret the token whose stored key the change adds: printed before the change is made
 */
async function change(
  file: string,
  edit: Edit,
  { make = false, secret }: { readonly make?: boolean; readonly secret?: string | undefined } = {},
): Promise<void> {
  const target = await realpath(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  const path = target ?? file;
  await alone(dirname(path), `.${basename(path)}.lock`, file, async () => {
    const isNew = target === undefined && make;
    const text = await editAgencies(file, isNew ? NEW_FILE : await readAgenciesFile(file), edit);
    // A stored key whose token nobody has got would take the place of one that is good.
    if (secret !== undefined) writeSync(process.stdout.fd, `${secret}\n`);
    try {
      await (isNew ? createFile(file, text, NEW_FILE_MODE) : replaceFile(path, text));
    } catch (error) {
      if (secret !== undefined) console.error("quiniela: The token that was printed is of no use");
      throw error;
    }
  });
}

/**
 * Reads the fingerprint of an agency's certificate.
 *
 * @throws CommandFailure when the central would refuse the certificate for this agency
 */
async function fingerprintIn(file: string, agency: AgencyId): Promise<string> {
  const cannot = `Cannot use ${file}`;
  const certificate = readCertificate(await readFile(file));
  if (certificate === undefined) {
    throw new CommandFailure(`${cannot}: it is not one certificate, in PEM or DER`);
  }
  const facts = factsOf(certificate);
  if (facts.agency !== agency) {
    const named = facts.agency === undefined ? "no agency" : `agency ${facts.agency}`;
    throw new CommandFailure(`${cannot}: the certificate names ${named}, not agency ${agency}`);
  }
  if (facts.until < new Date()) {
    throw new CommandFailure(`${cannot}: the certificate ended at ${facts.until.toISOString()}`);
  }
  return facts.fingerprint;
}

/** Says what was done on standard error: standard output has the token, and nothing else. */
function tell(done: string): void {
  console.error(`${done}. A central reads the file when it starts, and when it reloads`);
}
