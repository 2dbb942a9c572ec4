import assert from "node:assert/strict";
import { it } from "node:test";
import { nearest } from "../../src/config/nearest.ts";

const NAMES = ["SERVER_PORT", "SERVER_IP", "SERVER_IDLE_TIMEOUT", "SERVER_FRAME_TIMEOUT"];

for (const [text, meant] of [
  ["SERVER_PROT", "SERVER_PORT"],
  ["server_port", "SERVER_PORT"],
  ["SERVER_PORTS", "SERVER_PORT"],
  ["SERVERPORT", "SERVER_PORT"],
  ["SERVER_IDEL_TIMEOUTS", "SERVER_IDLE_TIMEOUT"],
  ["SERVER_COLOUR_OF_THE_SKY", undefined],
  ["", undefined],
] as const) {
  it(`"${text}" is ${meant === undefined ? "near no name" : `near ${meant}`}`, () => {
    assert.equal(nearest(text, NAMES), meant);
  });
}
