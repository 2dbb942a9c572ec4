import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxNetcat } from "./netcat-source.ts";
import type { Validation } from "./stage.ts";

/**
 * Stands in for `docker run` in validar-echo-server.sh: runs the container's command here, where
 * the name `server` means a port of this machine.
 */
const DOCKER = `#!/bin/sh
if [ "$1 $2 $3 $4 $5" != "run --rm -i --network tp0_testing_net" ]; then
  echo "docker: not what was expected: $*" >&2
  exit 125
fi
shift 6
exec "$@"
`;

/** Here netcat itself gives up in time. */
const TIMEOUT = `#!/bin/sh
shift
exec "$@"
`;

/** Runs the folder's validar-echo-server.sh with a `docker` that needs no engine. */
export function runValidation(folder: string, port: number): Promise<Validation> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const programs = { docker: DOCKER, timeout: TIMEOUT, nc: sandboxNetcat(port) };
  for (const [name, source] of Object.entries(programs)) {
    writeFileSync(join(bin, name), source);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, TIMEOUT: "1" };
  return validateWith(env, folder);
}

/** Runs the folder's validar-echo-server.sh with the `docker` of this environment. */
export function validateWith(env: NodeJS.ProcessEnv, folder: string): Promise<Validation> {
  return new Promise((resolve) => {
    execFile("sh", ["validar-echo-server.sh"], { cwd: folder, env }, (error, stdout) => {
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout });
    });
  });
}
