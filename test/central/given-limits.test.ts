import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Central, startCentral } from "../../src/central/central.ts";
import { listenOnTcp } from "../../src/central/listener.ts";
import type { CentralLimits } from "../../src/config/central-config.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { linesDialect } from "./lines-dialect.ts";
import { type MemoryStore, memoryStore } from "../stores/memory-store.ts";

/** A central in another program, which passes some limits and no configuration. */
async function start(
  store: MemoryStore,
  given: { readonly limits?: Partial<CentralLimits> },
): Promise<{ readonly central: Central; readonly held: CentralLimits | undefined }> {
  let held: CentralLimits | undefined;
  const central = await startCentral({
    config: { bindAddress: "127.0.0.1", port: 0, listenBacklog: 5, drawMarginMs: 0, ...given },
    store,
    dialects: [linesDialect],
    listen: (options) => {
      held = options.config.limits;
      return listenOnTcp(options);
    },
  });
  return { central, held };
}

describe("central: limits that another program gives", () => {
  it("are the defaults when it gives none", async () => {
    const { central, held } = await start(memoryStore(), {});
    await central.stop("the test is over");
    assert.deepEqual(held, DEFAULT_LIMITS);
  });

  it("are the defaults, except those that it gives", async () => {
    const { central, held } = await start(memoryStore(), { limits: { connectionsMax: 3 } });
    await central.stop("the test is over");
    assert.deepEqual(held, { ...DEFAULT_LIMITS, connectionsMax: 3 });
  });

  for (const [limits, told] of [
    [{ frameBytesMax: 4_194_304 }, "frameBytesMax is 4194304; allowed: a whole number from 2048"],
    [{ courseFrameBytesMax: 1_048_577 }, "courseFrameBytesMax is 1048577; allowed: "],
    [{ peerBufferBytesMax: 4096 }, "peerBufferBytesMax is 4096, less than frameBytesMax"],
  ] as const) {
    it(`P8: prevent a start, and the store is closed, when ${told.replace(/[;,].*/, "")}`, async () => {
      const store = memoryStore();
      await assert.rejects(
        start(store, { limits }),
        (error) =>
          error instanceof RangeError && error.message.startsWith(`Cannot use the limits: ${told}`),
      );
      assert.equal(store.closed, true);
    });
  }
});
