import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { AGENCY_MAX, type AgencyId, type Bet } from "../../../../src/lottery/bet.ts";
import { formatLine } from "../../../../src/lottery/canonical-line.ts";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import { colonLinesDialect } from "../../../../src/protocols/dialects/colon-lines/dialect.ts";
import { createColonLinesDialer } from "../../../../src/protocols/dialects/colon-lines/dial.ts";
import {
  encodeBatch,
  type Version,
} from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import { QUESTION_PAUSE_MS } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import type { FakeCentral } from "../../fake-central.ts";
import { fakeCentral } from "./codec.ts";
import { carriedBet } from "./spoken.ts";
import { AGENCY, bet, bets, outgoing } from "../../plain-bets.ts";
import { seed, seedNote } from "../../../support/seed.ts";

fc.configureGlobal({ seed });

const CLAIM = { batches: 1, bets: 1, head: Buffer.alloc(32) };
const BATCH = outgoing([bet()]);
const LINE = "Ana,Paz,30000001,1990-01-31,7574\n";

function dial(central: FakeCentral, version: Version): Promise<AgencyLink> {
  return central.dial({}, createColonLinesDialer(version, central.timer));
}

const code = (name: string) => ({ name: "LinkError", code: name });

describe("the agency's side of colon-lines", () => {
  it("keeps one connection for everything, in the final version", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej8");
    assert.deepEqual([link.standing, link.chainKnown, link.window], [undefined, false, 1]);
    const sent = link.send(BATCH);
    await stage.write("server:0\r\n");
    assert.deepEqual(await sent, { kind: "accepted" });
    const done = link.done(CLAIM);
    await stage.write("server:0\r\n");
    await done;
    const results = link.results();
    await stage.write("server:3:1,Ana,Paz,30000001,1990-01-31,7574\n\r\n");
    const winner = {
      agency: 1,
      firstName: "Ana",
      lastName: "Paz",
      document: "30000001",
      birthdate: "1990-01-31",
      number: 7574,
    };
    assert.deepEqual(await results, { winners: ["30000001"], winningBets: [winner] });
    assert.equal(stage.endedCount, 0);
    await link.close();
    await stage.settled();
    assert.deepEqual(stage.texts, [`1:4:${LINE}\r\n1:5\r\n1:6\r\n`]);
    assert.equal(stage.endedCount, 1);
  });

  it("uses a connection for each message in exercise 7, the first for the first", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej7");
    const sent = link.send(BATCH);
    await stage.write("server:0\r\n");
    await sent;
    const done = link.done(CLAIM);
    await stage.write("server:0\r\n");
    await done;
    const results = link.results();
    await stage.write("server:2\r\n");
    stage.clock.advance(QUESTION_PAUSE_MS);
    await stage.write("server:3:\r\n");
    assert.deepEqual(await results, { winners: [], winningBets: [] });
    await link.close();
    await stage.settled();
    assert.deepEqual(stage.texts, [`1:4:${LINE}\r\n`, "1:5\r\n", "1:6\r\n", "1:6\r\n"]);
    assert.equal(stage.endedCount, 4);
  });

  it("knows no end and no draw in exercise 6", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej6");
    const sent = link.send(BATCH);
    await stage.write("server:0\n");
    assert.deepEqual(await sent, { kind: "accepted" });
    await link.done(CLAIM);
    assert.equal(await link.results(), undefined);
    await link.close();
    assert.deepEqual(stage.texts, [`1:${LINE}\r\n`]);
  });

  it("asks again after a pause while the draw has not been", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej8");
    const results = link.results();
    for (let asked = 1; asked <= 3; asked++) {
      await stage.write("server:2\r\n");
      stage.clock.advance(QUESTION_PAUSE_MS - 1);
      await stage.settled();
      assert.deepEqual(stage.texts, ["1:6\r\n".repeat(asked)]);
      stage.clock.advance(1);
    }
    await stage.write("server:3:\r\n");
    assert.deepEqual(await results, { winners: [], winningBets: [] });
    assert.equal(stage.clock.timers, 0);
    await link.close();
  });

  it("stops asking when the agency stops, leaving no timer", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej8");
    const given = assert.rejects(link.results(), code("CONNECTION_LOST"));
    await stage.write("server:2\r\n");
    stage.abort.abort(new Error("stopped"));
    await given;
    await link.close();
    assert.equal(stage.clock.timers, 0);
  });

  it("hears answers in any number of pieces, and more than 8,192 bytes of winners", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej8");
    const results = link.results();
    const lines = bets(1000).map(({ document }) => `1,Ñ,Paz,${document},1990-01-31,7574\n`);
    const answer = `server:3:${lines.join("")}\r\n`;
    const [head, rest] = [answer.slice(0, 60), answer.slice(60)];
    await stage.write(...Array.from(head), ...(rest.match(/[^]{1,1448}/g) ?? []));
    assert.deepEqual(
      (await results)?.winners,
      bets(1000).map(({ document }) => document),
    );
    await link.close();
  });

  it("finds documents behind names with commas and colons, and makes up no names", async () => {
    for (const [doubtful, document] of [
      ["1,Ana, la:1,Paz,Gil,007,1990-01-31,7574", "007"],
      ["1,Ana,007,1990-01-31,7574", "007"],
      ["0,Ana,Paz,007,1990-01-31,7574", "007"],
      ["1,,Paz,007,1990-01-31,7574", "007"],
      ["1,Ana,Paz,8,1990-02-30,7574", "8"],
      ["1,Ana,Paz,8,1990-01-31,07574", "8"],
    ] as const) {
      const stage = fakeCentral();
      const link = await dial(stage, "ej8");
      const results = link.results();
      await stage.write(`server:3:1,Eva,Paz,9,1990-01-31,7574\n${doubtful}\n\r\n`);
      assert.deepEqual(await results, { winners: ["9", document] }, doubtful);
      await link.close();
    }
  });

  for (const version of ["ej6", "ej7", "ej8"] as const) {
    it(`goes on with another connection after a refusal (${version})`, async () => {
      const stage = fakeCentral();
      const link = await dial(stage, version);
      const sent = link.send(BATCH);
      await stage.write("server:1\r\n");
      const { kind, code: name } = (await sent) as { kind: string; code?: string };
      assert.deepEqual([kind, name], ["rejected", "REFUSED"]);
      assert.equal(stage.endedCount, 1);
      const next = link.send(BATCH);
      await stage.write("server:0\r\n");
      assert.deepEqual(await next, { kind: "accepted" });
      assert.equal(stage.heard.length, 2);
      await link.close();
    });
  }

  it("sends a single bet on a connection of its own, whatever the answer", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej8");
    const single = link.sendSingle(BATCH);
    await stage.write("server:0\n");
    assert.deepEqual(await single, { kind: "accepted" });
    const other = link.sendSingle(BATCH);
    await stage.write("server:1\n");
    assert.equal((await other).kind, "rejected");
    assert.deepEqual(stage.texts, [`1:${LINE}`, `1:${LINE}`]);
    assert.equal(stage.endedCount, 2);
    await link.close();
  });

  it("cannot go on when the central refuses the end or the question", async () => {
    const stage = fakeCentral();
    const link = await dial(stage, "ej8");
    const done = link.done(CLAIM);
    const refusedDone = assert.rejects(done, code("REFUSED"));
    await stage.write("server:1\r\n");
    await refusedDone;
    const results = link.results();
    const refusedResults = assert.rejects(results, code("REFUSED"));
    await stage.write("server:1\r\n");
    await refusedResults;
    await link.close();
  });

  const unsound: readonly [string, (link: AgencyLink) => unknown, string][] = [
    ["a batch that is answered with winners", (link) => link.send(BATCH), "server:3:\r\n"],
    ["a batch that is answered with not yet", (link) => link.send(BATCH), "server:2\r\n"],
    ["an end that is answered with not yet", (link) => link.done(CLAIM), "server:2\r\n"],
    ["a question that is answered with done", (link) => link.results(), "server:0\r\n"],
    ["a word that is none", (link) => link.send(BATCH), "ACK\n"],
    ["an unknown type", (link) => link.send(BATCH), "server:7\r\n"],
    ["winners without a colon", (link) => link.results(), "server:3\r\n"],
    ["a winner without a document", (link) => link.results(), "server:3:Ana,Paz\n\r\n"],
    ["a winner whose line is cut", (link) => link.results(), "server:3:1,A,B,1,2000-01-01,7\r\n"],
    ["an answer with a body", (link) => link.send(BATCH), "server:0:\r\n"],
  ];
  for (const [what, use, answer] of unsound) {
    it(`does not trust ${what}`, async () => {
      const stage = fakeCentral();
      const link = await dial(stage, "ej8");
      const rejected = assert.rejects(use(link) as Promise<unknown>, code("CENTRAL_UNSOUND"));
      await stage.write(answer);
      await rejected;
      await link.close();
    });
  }
});

describe("what colon-lines cannot carry", () => {
  const dialer = createColonLinesDialer("ej8");
  const cases: [Partial<Bet>, string | undefined][] = [
    [{ firstName: "Ana, María" }, "firstName has a comma, which is not escaped"],
    [{ firstName: "Ana: María" }, "firstName has a colon, which is not escaped"],
    [{ lastName: "Paz\n" }, "lastName has a line break, which is not escaped"],
    [{ lastName: "\rPaz" }, "lastName has a carriage return, which is not escaped"],
    [{ lastName: "\ud800" }, "lastName is not valid Unicode"],
    [{ document: "1,2" }, "document has a comma, which is not escaped"],
    [{ birthdate: "1990:01:31" }, "birthdate has a colon, which is not escaped"],
    [{ firstName: 'Ana "la" Ñandú', lastName: "" }, undefined],
    [{ firstName: "", document: "05123456", number: 75_740 }, undefined],
    [{ number: Number.NaN }, undefined],
  ];
  for (const [overrides, reason] of cases) {
    it(`${JSON.stringify(overrides)}: ${reason ?? "carried"}`, () => {
      const found = dialer.unfit?.(bet(overrides));
      assert.equal(found && `${found.field} ${found.reason}`, reason);
    });
  }
});

describe(`the measure of colon-lines batches (${seedNote})`, () => {
  for (const version of ["ej6", "ej7", "ej8"] as const satisfies Version[]) {
    it(`is what a batch takes, for every agency (${version})`, () => {
      const { measure } =
        (version === "ej8" ? colonLinesDialect.dialer : colonLinesDialect.earlier?.[version]) ??
        assert.fail();
      const batches = fc
        .oneof(fc.constant(AGENCY), fc.integer({ min: 1, max: AGENCY_MAX }))
        .chain((agency) =>
          fc.array(carriedBet(agency as AgencyId), { minLength: 1, maxLength: 20 }),
        );
      fc.assert(
        fc.property(batches, (bets) => {
          const sizes = bets.map((bet, index) =>
            measure.betBytes(bet, Buffer.byteLength(formatLine(bet)), index),
          );
          const measured = sizes.reduce((sum, bytes) => sum + bytes, measure.overheadBytes);
          const agency = bets[0]?.agency ?? assert.fail();
          assert.equal(measured, encodeBatch(agency, bets, version).length);
        }),
      );
    });
  }
});
