#!/usr/bin/env node
import { heedSignals } from "./signals.ts";

// Before anything else is loaded, which takes a while: a signal that comes meanwhile would end the
// process by force, or be lost where it is a container's first process. So nothing else is imported
// above, and what is imported there imports nothing of weight.
const signals = heedSignals(process.argv.slice(2));
try {
  const { runProgram } = await import("./program.ts");
  await runProgram(signals);
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "EMFILE" && code !== "ENFILE") throw error;
  const reason = "the system lets this process open too few files";
  process.stderr.write(`quiniela: Cannot start: ${reason}; raise its limit (ulimit -n)\n`);
  process.exitCode = 1;
}
