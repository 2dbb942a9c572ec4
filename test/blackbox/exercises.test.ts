import { describe } from "node:test";
import { processStage } from "./process-stage.ts";
import { betScenarios } from "./scenarios/bets.ts";
import { configurationScenarios } from "./scenarios/configuration.ts";
import { drawScenarios } from "./scenarios/draw.ts";
import { echoScenarios } from "./scenarios/echo.ts";
import { echoValidationScenarios } from "./scenarios/echo-validation.ts";
import { stoppingScenarios } from "./scenarios/stopping.ts";

/** Most of the work is starting programs: so many at a time keep two cores busy. */
const TOGETHER = { concurrency: 3 };

describe("the exercises on processes", () => {
  describe("1: messages", TOGETHER, () => echoScenarios(processStage));
  describe("2: configuration", TOGETHER, () => configurationScenarios(processStage));
  describe("3: validation of the echo", TOGETHER, () => echoValidationScenarios(processStage));
  describe("4: stopping", TOGETHER, () => stoppingScenarios(processStage));
  describe("5 and 6: bets", TOGETHER, () => betScenarios(processStage));
  describe("7 and 8: the draw", TOGETHER, () => drawScenarios(processStage));
});
