import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AgencyLink, LinkError } from "../../../../src/protocols/agency-link.ts";
import {
  createTlvBatchesDialer,
  createTlvDialer,
} from "../../../../src/protocols/dialects/tlv/dial.ts";
import { tlvDialect } from "../../../../src/protocols/dialects/tlv/dialect.ts";
import { encodeAgency, encodeCentral } from "../../../../src/protocols/dialects/tlv/encode.ts";
import { fakeCentral, packet } from "./codec.ts";
import { type FakeCentral, hurried, type Reply } from "../../fake-central.ts";
import { bet, bets, outgoing } from "../../plain-bets.ts";
import { pieces } from "../../cuts.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

const OK = encodeCentral({ kind: "ok" });
const NOT_YET = encodeCentral({ kind: "not-yet" });
const REFUSED = encodeCentral({ kind: "refused", text: "no" });
const WINNERS = encodeCentral({ kind: "winners", documents: ["30904465", "05123456"] });

const always = (reply: Reply) => fakeCentral(() => reply);

function dial(central: FakeCentral): Promise<AgencyLink> {
  return createTlvDialer({ askAgainMs: 0 }).dial(dialContext(central.connect));
}

function dialBatches(central: FakeCentral): Promise<AgencyLink> {
  return createTlvBatchesDialer().dial(dialContext(central.connect));
}

describe("an agency that speaks tlv", () => {
  it("takes a connection for every message, and ends each one itself", async () => {
    const central = always([OK]);
    const link = await dial(central);
    await link.send(outgoing(bets(2)));
    await link.send(outgoing(bets(1), 2));
    await link.done(CLAIM);
    await link.close();
    assert.deepEqual(central.bytes, [
      encodeAgency({ kind: "batch", bets: bets(2) }),
      encodeAgency({ kind: "batch", bets: bets(1) }),
      packet(5, "1#"),
    ]);
    assert.ok(central.heard.every(({ ended }) => ended));
  });

  it("writes the header with the first 8,192 bytes of the body, then as many at a time", async () => {
    const central = always([OK]);
    const link = await dial(central);
    const sent = bets(700);
    await link.send(outgoing(sent));
    await link.close();
    const { length } = encodeAgency({ kind: "batch", bets: sent });
    const rest = (length - 5) % 8192;
    assert.deepEqual(central.heard[0]?.writes, [8197, 8192, 8192, rest]);
  });

  it("writes a packet of just one piece at once", async () => {
    const firstName = "A";
    const base = encodeAgency({ kind: "batch", bets: [bet({ firstName })] }).length;
    for (const [bytes, chunks] of [
      [8197, [8197]],
      [8198, [8197, 1]],
    ] as const) {
      const central = always([OK]);
      const link = await dial(central);
      await link.send(outgoing([bet({ firstName: firstName.padEnd(1 + bytes - base, "a") })]));
      await link.close();
      assert.deepEqual(central.heard[0]?.writes, chunks);
    }
  });

  it("asks for its winners on a new connection until there are some", async () => {
    const central = fakeCentral((_packet, connection) => (connection < 3 ? [NOT_YET] : [WINNERS]));
    const pauses: number[] = [];
    const timer = hurried(3, pauses);
    const context = dialContext(central.connect);
    const link = await createTlvDialer({ timer, askAgainMs: 3 }).dial(context);
    assert.deepEqual(await link.results(), { winners: ["30904465", "05123456"] });
    await link.close();
    assert.deepEqual(central.bytes, Array(4).fill(packet(6, "1#")));
    assert.deepEqual(pauses, [3, 3, 3]);
  });

  it("counts a lone # as no winners", async () => {
    const link = await dial(always([packet(7, "#")]));
    assert.deepEqual(await link.results(), { winners: [] });
    await link.close();
  });

  it("takes answers in any pieces", async () => {
    for (const size of [1, 2, 5, 6]) {
      const link = await dial(always(pieces(WINNERS, [size])));
      assert.deepEqual(await link.results(), { winners: ["30904465", "05123456"] });
      await link.close();
    }
  });

  it("reports bets that are refused, and goes on", async () => {
    for (const dialling of [dial, dialBatches]) {
      const central = fakeCentral((asked) => (asked[0] === 1 ? [OK] : [REFUSED]));
      const link = await dialling(central);
      const refused = { kind: "rejected", code: "REFUSED", reason: "no" };
      assert.deepEqual(await link.send(outgoing(bets(1))), refused);
      assert.deepEqual(await link.send(outgoing(bets(1))), refused);
      assert.deepEqual(await link.sendSingle(outgoing(bets(1))), { kind: "accepted" });
      await link.close();
    }
  });

  it("gives up when the central refuses the agency itself", async () => {
    const link = await dial(always([REFUSED]));
    await assert.rejects(link.done(CLAIM), { code: "REFUSED" });
    await assert.rejects(link.results(), { code: "REFUSED" });
    await link.close();
  });

  for (const [what, reply] of [
    ["answers twice", [Buffer.concat([NOT_YET, OK])]],
    ["confirms with a body", [packet(2, "x")]],
    ["announces more than any answer has", [Buffer.from("07ffffffff", "hex")]],
  ] as const) {
    it(`does not trust a central that ${what}`, async () => {
      for (const ask of [
        (link: AgencyLink) => link.send(outgoing(bets(1))),
        (link: AgencyLink) => link.sendSingle(outgoing(bets(1))),
        (link: AgencyLink) => link.done(CLAIM),
      ]) {
        const link = await dial(always(reply));
        await assert.rejects(ask(link), { code: "CENTRAL_UNSOUND" });
        await link.close();
      }
    });
  }

  it("does not believe an answer to something else", async () => {
    for (const [reply, ask] of [
      [WINNERS, (link: AgencyLink) => link.send(outgoing(bets(1)))],
      [NOT_YET, (link: AgencyLink) => link.send(outgoing(bets(1)))],
      [WINNERS, (link: AgencyLink) => link.done(CLAIM)],
      [NOT_YET, (link: AgencyLink) => link.done(CLAIM)],
      [OK, (link: AgencyLink) => link.results()],
    ] as const) {
      const link = await dial(always([reply]));
      await assert.rejects(ask(link), { code: "CENTRAL_UNSOUND" });
      await link.close();
    }
  });

  it("fails as connecting does, at first and later", async () => {
    const refused = new LinkError("CONNECT_FAILED", "nobody there");
    const central = always([OK]);
    const nobody = dialContext(() => Promise.reject(refused));
    await assert.rejects(createTlvDialer().dial(nobody), refused);
    let connections = 0;
    const context = dialContext((signal) =>
      connections++ === 0 ? central.connect(signal) : Promise.reject(refused),
    );
    const link = await createTlvDialer().dial(context);
    await link.send(outgoing(bets(1)));
    await assert.rejects(link.done(CLAIM), refused);
    await link.close();
  });

  it("of exercise 6 sends all on one connection, and knows no draw", async () => {
    const central = always([OK]);
    const link = await dialBatches(central);
    await link.send(outgoing(bets(2)));
    await link.send(outgoing(bets(1), 2));
    await link.done(CLAIM);
    assert.equal(await link.results(), undefined);
    await link.close();
    assert.deepEqual(
      central.heard.map(({ messages }) => messages.length),
      [2],
    );
  });
});

describe("bets that tlv cannot carry", () => {
  const { dialer, earlier } = tlvDialect;

  it("are those with a # or with half a character", () => {
    const reason = "has a #, which tlv cannot carry";
    for (const each of [dialer, earlier?.["ej6"]]) {
      assert.deepEqual(each?.unfit?.(bet({ firstName: "A#" })), { field: "firstName", reason });
      assert.deepEqual(each?.unfit?.(bet({ lastName: "#" })), { field: "lastName", reason });
      assert.deepEqual(each?.unfit?.(bet({ document: "1#2" })), { field: "document", reason });
      assert.deepEqual(each?.unfit?.(bet({ birthdate: "#" })), { field: "birthdate", reason });
      assert.equal(each?.unfit?.(bet({ lastName: "\ud800" }))?.field, "lastName");
    }
  });

  it("are no others", () => {
    for (const overrides of [
      {},
      { firstName: 'a,"@0' },
      { lastName: "" },
      { document: "0012" },
      { number: NaN },
    ]) {
      assert.equal(dialer?.unfit?.(bet(overrides)), undefined);
    }
  });
});
