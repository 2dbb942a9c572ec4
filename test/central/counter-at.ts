import assert from "node:assert/strict";
import type { Door } from "../../src/central/admitter.ts";
import type { Counter } from "../../src/protocols/counter.ts";
import { FakePeer } from "../protocols/fake-peer.ts";

/** The counter of an agency, on its own connection. */
export function counterAt(door: Door, agency: number, peer: FakePeer = new FakePeer()): Counter {
  const admitter = door.admitter(peer);
  peer.onOver(() => admitter.close());
  const counter = admitter.admit({ draw: "", agency });
  assert.ok(counter.kind === "counter", `agency ${agency} is not admitted: ${counter.kind}`);
  return counter;
}
