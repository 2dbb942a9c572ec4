import { before, describe } from "node:test";
import { betScenarios } from "../blackbox/scenarios/bets.ts";
import { configurationScenarios } from "../blackbox/scenarios/configuration.ts";
import { drawScenarios } from "../blackbox/scenarios/draw.ts";
import { echoScenarios } from "../blackbox/scenarios/echo.ts";
import { echoValidationScenarios } from "../blackbox/scenarios/echo-validation.ts";
import { stoppingScenarios } from "../blackbox/scenarios/stopping.ts";
import { drawOrder } from "./draw-order.ts";
import { assertNobodyPlays, containerStage } from "./container-stage.ts";

// The same scenarios as on processes, with the images server:latest and client:latest, which
// `make test-containers` builds first. All are in one file, because only one project of this name
// can run.
describe("the exercises on containers", () => {
  before(assertNobodyPlays);
  describe("1: messages", () => echoScenarios(containerStage));
  describe("2: configuration", () => configurationScenarios(containerStage));
  describe("3: validation of the echo", () => echoValidationScenarios(containerStage));
  describe("4: stopping", () => stoppingScenarios(containerStage));
  describe("5 and 6: bets", () => betScenarios(containerStage));
  describe("7 and 8: the draw", () => drawScenarios(containerStage));
  describe("the merged log", () => drawOrder());
});
