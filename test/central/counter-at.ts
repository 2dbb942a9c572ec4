import assert from "node:assert/strict";
import type { Door } from "../../src/central/admitter.ts";
import { DrawDesk } from "../../src/central/draw-desk.ts";
import type { Counter } from "../../src/protocols/counter.ts";
import { FakePeer } from "../protocols/fake-peer.ts";
import { doorTo } from "./door-to.ts";

/** The counter of an agency, on its own connection. */
export function counterAt(
  at: Door | DrawDesk,
  agency: number,
  peer: FakePeer = new FakePeer(),
): Counter {
  const door = at instanceof DrawDesk ? doorTo(at) : at;
  const admitter = door.admitter(peer);
  peer.onOver(() => admitter.close());
  const counter = admitter.admit({ draw: "", agency });
  assert.ok(counter.kind === "counter", `agency ${agency} is not admitted: ${counter.kind}`);
  return counter;
}
