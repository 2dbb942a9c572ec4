import { describe, it } from "node:test";
import { playReloads, playRush } from "../central/identity/play-reloads.ts";

describe("a central over TLS", () => {
  it("welcomes 500 agencies that connect at once while a load goes on", async (t) => {
    await playRush(t, 500);
  });

  it("loses no ack of 50 agencies in 1,000 reloads", async (t) => {
    await playReloads(t, { reloads: 1000, agencies: 50 });
  });
});
