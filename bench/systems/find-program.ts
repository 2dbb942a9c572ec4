import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { delimiter, join } from "node:path";

/** Looks in PATH, then in `folders`, which may have one `*` for a version: the highest version first. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const inPath = (process.env["PATH"] ?? "").split(delimiter);
  return [...inPath, ...folders.flatMap(expand)]
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function expand(folder: string): string[] {
  const [before = "", after] = folder.split("*");
  if (after === undefined) return [folder];
  try {
    return readdirSync(before)
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(before, version, after));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A user that is not root, for servers that refuse to run as root; undefined when we are not root. */
export function unprivilegedUser(
  names: readonly string[],
): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of [...names, "nobody"]) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return undefined;
}

/** A free port, below those that systems use for outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 16_384 + Math.floor(Math.random() * 16_384);
    const probe = createServer();
    try {
      probe.listen(port, "127.0.0.1");
      await once(probe, "listening");
      return port;
    } catch {
      // The port is taken: try another one.
    } finally {
      await new Promise((resolve) => probe.close(resolve));
    }
  }
}
