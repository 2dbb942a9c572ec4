// Bundles the command into a few files, as the package and the images have it: `node scripts/bundle.mjs
// [folder]`.
//
// Node takes longer to find and open three hundred modules than to run them. Each command keeps its own file,
// which is loaded when the command is used; code that several commands need is in shared files.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
// The folder must be as deep below the package's root as the compiled src/cli: package-files.ts needs that.
const out = resolve(process.argv[2] ?? join(root, "dist/bundle/cli"));

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // Names and lines stay as they are, so that a stack trace can be read without a map.
  minify: false,
  metafile: true,
  logLevel: "warning",
  // Libraries in CommonJS load Node's own modules with `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});

const folders = new Set(
  Object.keys(metafile.inputs).flatMap(
    (path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [],
  ),
);
const licences = [...folders].toSorted().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json")));
  const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? "" : readFileSync(join(root, folder, file), "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(join(out, "LICENCES.txt"), licences.join(`\n${"-".repeat(72)}\n\n`));
