import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import type { HandshakeFlaw } from "../../../src/events/central-event.ts";
import type { Issued } from "../../../src/identity/pki/authority.ts";
import { echoMessage } from "../../../src/protocols/dialects/echo/message.ts";
import { ALPN } from "../../../src/protocols/dialects/native/wire.ts";
import { newAuthority, selfMade, TestIdentity } from "../../support/identity-files.ts";
import { until } from "../../support/turns.ts";
import { bet } from "../line-peer.ts";
import { startGuarded } from "./fixture.ts";
import { helloOf, NativeTalk } from "./native-talk.ts";

/** Makes a certificate, and lists it or not. */
type Makes = (identity: TestIdentity) => Promise<Issued>;

const REFUSED: readonly (readonly [what: string, flaw: HandshakeFlaw, makes: Makes])[] = [
  [
    "that is not listed",
    "unlisted",
    async (identity) => {
      await identity.list({ agency: 1, certificates: [await identity.issueAgency(1)] });
      return identity.issueAgency(1);
    },
  ],
  [
    "of an agency that agencies.yaml does not have",
    "unknown-agency",
    (identity) => identity.issueAgency(3),
  ],
  [
    "of an agency that is disabled",
    "disabled",
    async (identity) => {
      const issued = await identity.issueAgency(1);
      await identity.list({ agency: 1, certificates: [issued], enabled: false });
      return issued;
    },
  ],
  [
    "that another agency has listed",
    "unlisted",
    async (identity) => {
      const issued = await identity.issueAgency(1);
      await identity.list({ agency: 1 }, { agency: 2, certificates: [issued] });
      return issued;
    },
  ],
  [
    "that has ended",
    "ended",
    async (identity) => {
      const issued = await identity.issueAgency(1, [-2, -1]);
      await identity.list({ agency: 1, certificates: [issued] });
      return issued;
    },
  ],
  [
    "that is not valid yet",
    "not-yet-valid",
    async (identity) => {
      const issued = await identity.issueAgency(1, [1, 2]);
      await identity.list({ agency: 1, certificates: [issued] });
      return issued;
    },
  ],
  [
    "that is revoked",
    "revoked",
    async (identity) => {
      const issued = await identity.issueAgency(1);
      await identity.list({ agency: 1, certificates: [issued] });
      await identity.revoke(issued);
      return issued;
    },
  ],
  [
    "of another authority, although it is listed",
    "unknown-authority",
    async (identity) => {
      const other = await newAuthority();
      const issued = await identity.issueAgency(1, undefined, other);
      await identity.list({ agency: 1, certificates: [issued] });
      return issued;
    },
  ],
  [
    "of a central",
    "no-agency",
    async (identity) => {
      const issued = await identity.issueServer(["quiniela.example"]);
      await identity.list({ agency: 1, certificates: [issued] });
      return issued;
    },
  ],
];

describe("a central over TLS turns away a certificate", () => {
  for (const [what, flaw, makes] of REFUSED) {
    it(`${what}, and sends nothing`, async (t) => {
      const identity = await TestIdentity.make(t);
      const issued = await makes(identity);
      const { connect, seen, store } = await startGuarded(t, identity);
      const peer = await connect({ issued });
      peer.write(helloOf(1));
      assert.equal((await peer.ended()).length, 0);
      assert.equal((await seen("handshake-refused")).flaw, flaw);
      assert.deepEqual(store.batches, []);
    });

    it(`${what}, and says UNPROVEN to a client that has announced the native protocol`, async (t) => {
      const identity = await TestIdentity.make(t);
      const issued = await makes(identity);
      const { connect } = await startGuarded(t, identity);
      const talk = new NativeTalk(await connect({ issued, protocol: ALPN }), 1);
      assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
    });
  }
});

/** Alternative names that Node cannot print, or prints in a way of its own. */
const UNREADABLE = ["0400", "3000", "30058103782c20", "", "30028800"];

describe("a central over TLS", () => {
  for (const names of UNREADABLE) {
    it(`goes on when somebody shows a certificate with the alternative names "${names}"`, async (t) => {
      const identity = await TestIdentity.make(t);
      const issued = await identity.issueAgency(1);
      await identity.list({ agency: 1, certificates: [issued] });
      const { connect, seen } = await startGuarded(t, identity);
      const peer = await connect({ issued: await selfMade(names) });
      assert.equal((await peer.ended()).length, 0);
      assert.match((await seen("handshake-refused")).flaw, /^(?:no-agency|unreadable|no-tls)$/);
      const talk = new NativeTalk(await connect({ issued }), 1);
      talk.hello();
      assert.equal(await talk.hears(), "WELCOME 1");
    });
  }

  it("serves an agency with its certificate", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const { connect, store } = await startGuarded(t, identity, { store: { agencies: 1 } });
    const talk = new NativeTalk(await connect({ issued, protocol: ALPN }), 1);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    talk.batch(bet(1, "30904465", 7574), bet(1, "100"));
    assert.equal(await talk.hears(), "ACK 1");
    talk.done();
    assert.equal(await talk.hears(), "ACK 1 done");
    assert.equal(await talk.hears(), "DRAWN 0+1/1");
    assert.equal(store.batches.length, 1);
  });

  it("accepts both certificates of an agency while they are changed", async (t) => {
    const identity = await TestIdentity.make(t);
    const both = [await identity.issueAgency(1), await identity.issueAgency(1)];
    await identity.list({ agency: 1, certificates: both });
    const { connect } = await startGuarded(t, identity);
    for (const issued of both) {
      const talk = new NativeTalk(await connect({ issued }), 1);
      talk.hello();
      assert.equal(await talk.hears(), "WELCOME 1");
    }
  });

  it("opens no port on which bytes without TLS are understood", async (t) => {
    const identity = await TestIdentity.make(t);
    const { port, seen } = await startGuarded(t, identity);
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    let received = 0;
    let over = false;
    socket.on("data", (chunk) => {
      received += chunk.length;
    });
    socket
      .on("error", () => undefined)
      .on("close", () => {
        over = true;
      });
    socket.write("Hello, is anybody there?\n");
    assert.equal((await seen("handshake-refused")).flaw, "no-tls");
    await until(() => over);
    assert.equal(received, 0);
  });

  it("speaks no TLS before 1.3", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const { connect, seen } = await startGuarded(t, identity);
    const tls = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    await (await connect({ issued, tls })).ended();
    assert.equal((await seen("handshake-refused")).flaw, "no-tls");
  });

  it("turns away a dialect that can prove nothing, without a certificate", async (t) => {
    const identity = await TestIdentity.make(t);
    const { connect, seen } = await startGuarded(t, identity);
    const peer = await connect();
    peer.write(`${echoMessage("1", 1)}\n`);
    assert.equal((await peer.ended()).length, 0);
    const { code, dialect } = await seen("stranger-turned-away");
    assert.deepEqual([code, dialect], ["UNPROVEN_DIALECT", "echo"]);
  });

  it("echoes only inside mutual TLS", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const { connect } = await startGuarded(t, identity);
    const peer = await connect({ issued });
    peer.write(`${echoMessage("1", 1)}\n`);
    assert.equal((await peer.ended()).toString(), `${echoMessage("1", 1)}\n`);
  });

  it("refuses more connections of an agency than agencies.yaml allows, until one of them ends", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued], connections: 1 });
    const { connect, seen, central } = await startGuarded(t, identity);
    const first = new NativeTalk(await connect({ issued }), 1);
    first.hello();
    assert.equal(await first.hears(), "WELCOME 1");
    const second = new NativeTalk(await connect({ issued, protocol: ALPN }), 1);
    assert.deepEqual(await second.toTheEnd(), ["BUSY 0 1000"]);
    assert.equal((await seen("handshake-refused")).flaw, "too-many-connections");
    first.peer.socket.end();
    await until(() => central.connections === 0);
    const third = new NativeTalk(await connect({ issued }), 1);
    third.hello();
    assert.equal(await third.hears(), "WELCOME 1");
  });
});
