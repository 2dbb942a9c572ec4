#!/usr/bin/env node
import { heedSignals } from "./signals.ts";

// Handle signals before anything else is loaded, because loading takes time: a signal that comes meanwhile
// would kill the process, or be lost in the first process of a container. So nothing else is imported above,
// and signals.ts imports only small modules.
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
