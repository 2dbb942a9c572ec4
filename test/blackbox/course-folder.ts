import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../support/paths.ts";
import { IMPOSTOR_SOURCE } from "./impostor.ts";
import type { ClientFile, Plan, ServerFile } from "./stage.ts";

export interface ComposeService {
  readonly environment: Readonly<Record<string, string>>;
  /** Path in the container to path in the folder. */
  readonly mounts: ReadonlyMap<string, string>;
}

/** A folder with the files of the exercise's repository, and a compose file made by our script. */
export interface CourseFolder {
  readonly path: string;
  readonly composeFile: string;
  readonly services: ReadonlyMap<string, ComposeService>;
  remove(): void;
}

export interface ServerPlace {
  readonly host: string;
  /** The port in the server's own file. */
  readonly port: number;
  /** The port in the clients' file, if it is another one. */
  readonly clientPort?: number;
}

export function layCourseFolder(plan: Plan, server: ServerPlace): CourseFolder {
  const path = mkdtempSync(join(tmpdir(), "quiniela-course-"));
  for (const folder of ["server", "client", ".data"]) mkdirSync(join(path, folder));
  writeFileSync(join(path, "server/config.ini"), serverFile(server.port, plan.server ?? {}));
  writeFileSync(
    join(path, "client/config.yaml"),
    clientFile(`${server.host}:${server.clientPort ?? server.port}`, plan.client ?? {}),
  );
  for (const [index, content] of (plan.data ?? []).entries()) {
    writeFileSync(join(path, `.data/agency-${index + 1}.csv`), content);
  }
  copyFileSync(join(root, "validar-echo-server.sh"), join(path, "validar-echo-server.sh"));
  if (plan.impostor !== undefined) writeFileSync(join(path, "impostor.mjs"), IMPOSTOR_SOURCE);

  const composeFile = join(path, "docker-compose-dev.yaml");
  execFileSync("sh", [join(root, "generar-compose.sh"), composeFile, String(plan.clients)], {
    env: { ...process.env, MODE: plan.mode },
  });
  return {
    path,
    composeFile,
    services: readServices(path, composeFile),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** As the exercise's graders write it, to the letter. */
function serverFile(
  port: number,
  { listenBacklog = 5, loggingLevel = "INFO" }: ServerFile,
): string {
  return `[DEFAULT]\nSERVER_PORT = ${port}\nSERVER_IP = server\nSERVER_LISTEN_BACKLOG = ${listenBacklog}\nLOGGING_LEVEL = ${loggingLevel}`;
}

/** As the exercise's graders write it, to the letter, and `more` after it. */
function clientFile(address: string, file: ClientFile): string {
  const { loopAmount = 3, loopPeriod = "50ms", logLevel = "INFO", batchMaxAmount = 10 } = file;
  return `server:\n  address: "${address}"\nloop:\n  amount: ${loopAmount}\n  period: "${loopPeriod}"\nlog:\n  level: "${logLevel}"\nbatch:\n  maxAmount: ${batchMaxAmount}\n${file.more ?? ""}`;
}

interface ComposeFile {
  readonly services: Readonly<
    Record<string, { readonly environment: readonly string[]; readonly volumes: readonly string[] }>
  >;
}

function readServices(folder: string, composeFile: string): Map<string, ComposeService> {
  const compose = parse(readFileSync(composeFile, "utf8")) as ComposeFile;
  return new Map(
    Object.entries(compose.services).map(([name, { environment, volumes }]) => [
      name,
      {
        environment: Object.fromEntries(environment.map((entry) => splitOnce(entry, "="))),
        mounts: new Map(
          volumes.map((volume) => {
            const [from, to] = splitOnce(volume.replace(/:ro$/, ""), ":");
            return [to, join(folder, from)];
          }),
        ),
      },
    ]),
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
