import { z } from "zod";
import { benchProgram } from "../paths.ts";
import type { Row } from "../row.ts";

const Result = z.object({ scanNsPerBet: z.number(), hashUsPerBatch: z.number() });

export const CALIBRATION = "calibration/cpu";

/**
 * Measures how fast the machine itself is, in every round of every run. One must know this to compare figures
 * of two machines, or of two days.
 */
export const calibrationRow: Row = {
  id: CALIBRATION,
  group: "calibration",
  title: "the same work everywhere",
  run: async (stage) => {
    const program = stage.startNode(benchProgram("calibrate"), {
      name: "the calibration",
      args: [],
      channel: true,
    });
    const values = Result.parse(await program.message("result"));
    await program.succeed();
    return { values };
  },
};
