import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionCount } from "../../src/central/connection-count.ts";

describe("ConnectionCount", () => {
  it("limits connections in total", () => {
    const admission = new ConnectionCount({ connectionsMax: 2, connectionsPerAddressMax: 0 });
    assert.equal(admission.admit("10.0.0.1"), undefined);
    assert.equal(admission.admit("10.0.0.1"), undefined);
    assert.equal(admission.admit("10.0.0.2"), "2 connections, max 2");
    admission.release("10.0.0.1");
    assert.equal(admission.admit("10.0.0.2"), undefined);
  });

  it("limits connections from one address, and not those from other addresses", () => {
    const admission = new ConnectionCount({ connectionsMax: 10, connectionsPerAddressMax: 1 });
    assert.equal(admission.admit("10.0.0.1"), undefined);
    assert.equal(admission.admit("10.0.0.1"), "1 connection from this address, max 1");
    assert.equal(admission.admit("10.0.0.2"), undefined);
    admission.release("10.0.0.1");
    assert.equal(admission.admit("10.0.0.1"), undefined);
  });
});
