import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type EndingCertificate, ExpiryWatch } from "../../src/identity/expiry-watch.ts";

const DAY_MS = 86_400_000;
const UNTIL = new Date("2027-01-31T12:00:00Z");
const CERTIFICATE = { whose: "central", fingerprint: "ab".repeat(32), until: UNTIL } as const;

function watching(): { readonly told: number[]; readonly watch: ExpiryWatch } {
  const told: number[] = [];
  return { told, watch: new ExpiryWatch(({ days }: EndingCertificate) => void told.push(days)) };
}

const before = (days: number): Date => new Date(UNTIL.getTime() - days * DAY_MS);

describe("the watch on certificates that end", () => {
  it("says so 30, 7 and 1 days before the end and after it, once each", () => {
    const { told, watch } = watching();
    for (let days = 40; days >= -5; days -= 0.25) watch.look(CERTIFICATE, before(days));
    assert.deepEqual(told, [30, 7, 1, 0]);
  });

  it("begins at the stage that a certificate has reached when it is first seen", () => {
    for (const [days, stage] of [
      [31, undefined],
      [30, 30],
      [7.5, 30],
      [7, 7],
      [0.5, 1],
      [-3, 0],
    ] as const) {
      const { told, watch } = watching();
      watch.look(CERTIFICATE, before(days));
      watch.look(CERTIFICATE, before(days));
      assert.deepEqual(told, stage === undefined ? [] : [stage], `${days} days before`);
    }
  });

  it("tells certificates apart, and begins anew with one that it was told to forget", () => {
    const { told, watch } = watching();
    watch.look(CERTIFICATE, before(5));
    watch.look({ ...CERTIFICATE, fingerprint: "cd".repeat(32) }, before(5));
    assert.deepEqual(told, [7, 7]);
    watch.keepOnly((fingerprint) => fingerprint !== CERTIFICATE.fingerprint);
    watch.look(CERTIFICATE, before(5));
    assert.deepEqual(told, [7, 7, 7]);
  });
});
