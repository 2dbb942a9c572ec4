import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// The program is in dist/bundle/cli, and compiled in dist/src/cli: three folders below the package's root.
const packageRoot = new URL("../../../", import.meta.url);

/** Path of a file that ships in the package. */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(name, packageRoot));
}

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new Error("Cannot read the package's version: package.json has none");
}
