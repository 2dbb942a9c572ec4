// Writes when the program was built beside it: a central whose clock is before that moment does not
// start. SOURCE_DATE_EPOCH (seconds) makes builds that can be repeated byte by byte.
import { writeFileSync } from "node:fs";

const epoch = process.env.SOURCE_DATE_EPOCH;
const builtAt = epoch === undefined || epoch === "" ? new Date() : new Date(Number(epoch) * 1000);
const file = new URL("../dist/src/build.json", import.meta.url);
writeFileSync(file, `${JSON.stringify({ builtAt: builtAt.toISOString() })}\n`);
