// Writes the time of the build into a file beside the program: `node scripts/build-stamp.mjs [folder]`. A
// central does not start when its clock is before that time. With SOURCE_DATE_EPOCH (seconds) builds can be
// repeated byte by byte.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(root, process.argv[2] ?? "dist/src");
const epoch = process.env.SOURCE_DATE_EPOCH;
const builtAt = epoch === undefined || epoch === "" ? new Date() : new Date(Number(epoch) * 1000);
writeFileSync(
  join(folder, "build.json"),
  `${JSON.stringify({ builtAt: builtAt.toISOString() })}\n`,
);
