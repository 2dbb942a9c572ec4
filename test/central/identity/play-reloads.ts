import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Issued } from "../../../src/identity/pki/authority.ts";
import { type Listed, TestIdentity } from "../../support/identity-files.ts";
import { bet } from "../line-peer.ts";
import { startGuarded } from "./fixture.ts";
import { NativeTalk } from "./native-talk.ts";

/** Agencies that send one batch after the other while the files of the central change and are read again. */
export async function playReloads(
  t: TestContext,
  { reloads, agencies }: { readonly reloads: number; readonly agencies: number },
): Promise<void> {
  const identity = await TestIdentity.make(t);
  const issued = await issueAll(identity, agencies);
  const loaded: readonly Listed[] = issued.map((certificate, index) => ({
    agency: index + 1,
    certificates: [certificate],
  }));
  const comer = { agency: agencies + 1, certificates: [await identity.issueAgency(agencies + 1)] };
  await identity.list(...loaded);
  const { connect, central, store, of } = await startGuarded(t, identity, {
    store: { agencies: agencies + 1 },
  });

  const going = new AbortController();
  const acked = await Promise.all([
    ...issued.map(async (certificate, index) => {
      const talk = new NativeTalk(await connect({ issued: certificate }), index + 1);
      talk.hello();
      assert.equal(await talk.hears(), "WELCOME 1");
      let batches = 0;
      while (!going.signal.aborted) {
        talk.batch(bet(index + 1, `${batches + 1}`));
        assert.equal(await talk.hears(), `ACK ${++batches}`);
      }
      return batches;
    }),
    (async () => {
      try {
        for (let reload = 0; reload < reloads; reload++) {
          // Somebody comes and goes with every reload.
          await identity.list(...loaded, ...(reload % 2 === 0 ? [comer] : []));
          await central.reloadIdentity();
        }
      } finally {
        going.abort();
      }
      return 0;
    })(),
  ]);
  assert.equal(of("identity-loaded").length, reloads + 1);
  for (const [index] of issued.entries()) {
    const stored = store.batches.filter(({ agency }) => agency === index + 1);
    assert.equal(stored.length, acked[index], `batches of agency ${index + 1}`);
    assert.ok(stored.length > 0);
  }
}

/** So many agencies connect, while one of them sends batches: all are welcomed, and no ack is lost. */
export async function playRush(t: TestContext, agencies: number): Promise<void> {
  const identity = await TestIdentity.make(t);
  const issued = await issueAll(identity, agencies);
  await identity.list(
    ...issued.map((certificate, index) => ({ agency: index + 1, certificates: [certificate] })),
  );
  const { connect } = await startGuarded(t, identity, { store: { agencies } });
  const talkOf = async (certificate: Issued, agency: number): Promise<NativeTalk> => {
    const talk = new NativeTalk(await connect({ issued: certificate }), agency);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    return talk;
  };
  const [first, ...others] = issued;
  assert.ok(first !== undefined);
  const talk = await talkOf(first, 1);
  const going = new AbortController();
  const sending = (async () => {
    for (let batches = 1; !going.signal.aborted; batches++) {
      talk.batch(bet(1, `${batches}`));
      assert.equal(await talk.hears(), `ACK ${batches}`);
    }
  })();
  try {
    await Promise.all(others.map((certificate, index) => talkOf(certificate, index + 2)));
  } finally {
    going.abort();
    await sending;
  }
}

async function issueAll(identity: TestIdentity, agencies: number): Promise<Issued[]> {
  const issued: Issued[] = [];
  for (let agency = 1; agency <= agencies; agency++)
    issued.push(await identity.issueAgency(agency));
  return issued;
}
