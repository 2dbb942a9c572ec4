// The reference of the public API, as pages in dist/api: `node scripts/api.mjs`, after a build.
//
// typedoc needs the compiler's JavaScript interface, which TypeScript 7 does not have. So it reads the files
// of the build with its own TypeScript 5. Both are installed into a scratch folder, because building and
// testing do not need them. It is an error when an exported name mentions a type that no entry point exports.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TOOLS = ["typedoc@0.28.14", "typescript@5.9.3"];

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "dist/api");
const { exports, name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entryPoints = Object.values(exports)
  .map(({ types }) => types)
  .filter((types) => types !== undefined)
  .map((types) => join(root, types));

const scratch = mkdtempSync(join(tmpdir(), "quiniela-api-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

write("package.json", {});
write("tsconfig.json", {
  compilerOptions: {
    target: "es2023",
    lib: ["es2024"],
    module: "nodenext",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    strict: true,
    skipLibCheck: true,
  },
  files: entryPoints,
});
write("typedoc.json", {
  entryPoints,
  out,
  name: `${name} ${version}`,
  readme: "none",
  // Do not link to sources: it would link to the emitted files.
  disableSources: true,
  excludePrivate: true,
  validation: { notExported: true, invalidLink: false, notDocumented: false },
  treatValidationWarningsAsErrors: true,
});
run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", ...TOOLS]);
run(process.execPath, ["node_modules/typedoc/bin/typedoc", "--options", "typedoc.json"]);

function write(file, content) {
  writeFileSync(join(scratch, file), JSON.stringify(content));
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: scratch, stdio: "inherit" });
  if (status === 0) return;
  console.error(`Cannot write the API reference: ${command} ended with ${status}`);
  process.exit(1);
}
