#!/usr/bin/env node
import { heedSignals } from "./signals.ts";

// Before anything else is loaded, which takes a while: a signal that comes meanwhile would end the
// process by force, or be lost where it is a container's first process. So nothing else is imported
// above, and what is imported there imports nothing of weight.
const signals = heedSignals(process.argv.slice(2));
const { runProgram } = await import("./program.ts");
await runProgram(signals);
