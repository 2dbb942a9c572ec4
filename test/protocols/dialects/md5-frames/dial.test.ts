import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AgencyLink, LinkError } from "../../../../src/protocols/agency-link.ts";
import { createMd5FramesDialer } from "../../../../src/protocols/dialects/md5-frames/dial.ts";
import { md5FramesDialect } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { startTimer, type StartTimer } from "../../../../src/protocols/timers.ts";
import { fakeCentral, frame, identifierIn } from "./codec.ts";
import { type FakeCentral, hurried, type Reply } from "../../fake-central.ts";
import { bet, bets, outgoing } from "../../plain-bets.ts";
import { pieces } from "../../cuts.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

type Answering = (asked: Buffer) => Reply;

/** An answer with the identifier of what was asked. */
const answer =
  (type: number, payload: string): Answering =>
  (asked) => [frame(type, payload, identifierIn(asked))];

const SUCCESS = answer(2, "{result:success}");
const FAILURE = answer(2, "{result:failure}");
const IN_PROGRESS = answer(6, "{result:in_progress}");
const WINNERS = answer(6, "{ganadores:30904465|05123456}");

function dial(central: FakeCentral, draws = true): Promise<AgencyLink> {
  return createMd5FramesDialer({ draws, askAgainMs: 0 }).dial(dialContext(central.connect));
}

const ASKS: readonly ((link: AgencyLink) => Promise<unknown>)[] = [
  (link) => link.send(outgoing(bets(1))),
  (link) => link.sendSingle(outgoing(bets(1))),
  (link) => link.done(CLAIM),
  (link) => link.results(),
];

describe("an agency that speaks md5-frames", () => {
  it("takes a connection for every message, writes it at once, and ends each one itself", async () => {
    const central = fakeCentral((asked) => (asked[5] === 5 ? WINNERS : SUCCESS)(asked));
    const link = await dial(central);
    assert.equal(central.heard.length, 1);
    await link.send(outgoing(bets(1000)));
    await link.send(outgoing(bets(1), 2));
    await link.sendSingle(outgoing([bet()]));
    await link.done(CLAIM);
    assert.deepEqual(await link.results(), { winners: ["30904465", "05123456"] });
    await link.close();
    assert.deepEqual(central.bytes, [
      encodeAgency({ kind: "batch", bets: bets(1000) }),
      encodeAgency({ kind: "batch", bets: bets(1) }),
      encodeAgency({ kind: "bet", bet: bet() }),
      frame(4, "{agency:1}"),
      frame(5, "{agency:1}"),
    ]);
    assert.ok(central.heard.every(({ ended, writes }) => ended && writes.length === 1));
  });

  it("asks for its winners on a new connection until there are some, more than ten times", async () => {
    const central = fakeCentral((asked, connection) =>
      (connection < 30 ? IN_PROGRESS : WINNERS)(asked),
    );
    const pauses: number[] = [];
    const timer = hurried(500, pauses);
    const link = await createMd5FramesDialer({ timer }).dial(dialContext(central.connect));
    assert.deepEqual(await link.results(), { winners: ["30904465", "05123456"] });
    await link.close();
    assert.deepEqual(central.bytes, Array(31).fill(frame(5, "{agency:1}")));
    assert.equal(pauses.length, 30);
  });

  it("waits for its winners as long as it takes, and not for anything else", async () => {
    const expiries: (() => void)[] = [];
    const timer: StartTimer = (callback, delayMs) => {
      if (delayMs !== 777) return startTimer(callback, delayMs);
      expiries.push(callback);
      return () => undefined;
    };
    const silent = fakeCentral(() => "silence");
    const abort = new AbortController();
    const context = {
      ...dialContext(silent.connect),
      answerTimeoutMs: 777,
      signal: abort.signal,
    };
    const dialer = createMd5FramesDialer({ timer });
    const asking = (await dialer.dial(context)).results();
    while (silent.heard[0]?.bytes.length === 0) await new Promise(setImmediate);
    assert.equal(expiries.length, 0);
    const sending = (await dialer.dial(context)).send(outgoing(bets(1)));
    while (silent.heard[1]?.bytes.length === 0) await new Promise(setImmediate);
    assert.equal(expiries.length, 1);
    expiries[0]?.();
    await assert.rejects(sending, { code: "CONNECTION_LOST" });
    abort.abort();
    await assert.rejects(asking, { code: "CONNECTION_LOST" });
  });

  it("takes no winners for what they are, and answers in any pieces", async () => {
    for (const size of [1, 4, 6, 22, 23]) {
      const central = fakeCentral((asked) =>
        pieces(frame(6, "{ganadores:}", identifierIn(asked)), [size]),
      );
      const link = await dial(central);
      assert.deepEqual(await link.results(), { winners: [] });
      await link.close();
    }
  });

  it("reports bets that are refused, and goes on", async () => {
    const central = fakeCentral((asked) => (asked[5] === 1 ? SUCCESS : FAILURE)(asked));
    for (const draws of [true, false]) {
      const link = await dial(central, draws);
      const refused = { kind: "rejected", code: "REFUSED", reason: "the central answers failure" };
      assert.deepEqual(await link.send(outgoing(bets(1))), refused);
      assert.deepEqual(await link.send(outgoing(bets(1))), refused);
      assert.deepEqual(await link.sendSingle(outgoing(bets(1))), { kind: "accepted" });
      await link.close();
    }
  });

  it("gives up when the central refuses the agency itself", async () => {
    const central = fakeCentral((asked) =>
      (asked[5] === 5 ? answer(6, "{result:failure}") : FAILURE)(asked),
    );
    const link = await dial(central);
    await assert.rejects(link.done(CLAIM), { code: "REFUSED" });
    await assert.rejects(link.results(), { code: "REFUSED" });
    await link.close();
  });

  for (const [what, reply] of [
    ["answers with another identifier", () => [frame(2, "{result:success}")]],
    ["says what means nothing", answer(2, "{result:perhaps}")],
    ["answers with another type", answer(3, "{result:success}")],
    ["announces more than an answer has", () => [Buffer.alloc(4, 0xff)]],
  ] as const satisfies readonly (readonly [string, Answering])[]) {
    it(`does not trust a central that ${what}`, async () => {
      for (const ask of ASKS) {
        const link = await dial(fakeCentral(reply));
        await assert.rejects(ask(link), { code: "CENTRAL_UNSOUND" });
        await link.close();
      }
    });
  }

  it("does not believe an answer to something else", async () => {
    const [send, single, done, results] = ASKS;
    for (const [reply, asks] of [
      [WINNERS, [send, single, done]],
      [IN_PROGRESS, [send, single, done]],
      [SUCCESS, [results]],
      [FAILURE, [results]],
    ] as const) {
      for (const ask of asks) {
        const link = await dial(fakeCentral(reply));
        await assert.rejects(ask?.(link) ?? assert.fail(), { code: "CENTRAL_UNSOUND" });
        await link.close();
      }
    }
  });

  it("fails as connecting does, at first and later", async () => {
    const refused = new LinkError("CONNECT_FAILED", "nobody there");
    const central = fakeCentral(SUCCESS);
    const nobody = dialContext(() => Promise.reject(refused));
    await assert.rejects(createMd5FramesDialer().dial(nobody), refused);
    let connections = 0;
    const context = dialContext((signal) =>
      connections++ === 0 ? central.connect(signal) : Promise.reject(refused),
    );
    const link = await createMd5FramesDialer().dial(context);
    await link.send(outgoing(bets(1)));
    await assert.rejects(link.done(CLAIM), refused);
    await link.close();
  });

  it("of exercise 6 sends batches, a connection for each, and knows no draw", async () => {
    const central = fakeCentral(SUCCESS);
    const link = await dial(central, false);
    await link.send(outgoing(bets(2)));
    await link.send(outgoing(bets(1), 2));
    await link.done(CLAIM);
    assert.equal(await link.results(), undefined);
    await link.close();
    assert.equal(central.heard.length, 2);
    assert.equal(md5FramesDialect.earlier?.["ej6"]?.drawless, true);
    assert.equal(md5FramesDialect.dialer?.drawless, false);
  });
});

describe("bets that md5-frames cannot carry", () => {
  const { dialer, earlier } = md5FramesDialect;

  it("are those with its marks, with white space at an end, or with half a character", () => {
    for (const each of [dialer, earlier?.["ej6"]]) {
      for (const [field, text, reason] of [
        ["firstName", "A,na", "has a , which md5-frames cannot carry"],
        ["lastName", "|", "has a | which md5-frames cannot carry"],
        ["document", "1,2", "has a , which md5-frames cannot carry"],
        ["birthdate", "|", "has a | which md5-frames cannot carry"],
        ["firstName", " Ana", "has white space at an end, where md5-frames loses it"],
        ["lastName", "Paz\u00a0", "has white space at an end, where md5-frames loses it"],
        ["document", "1\n", "has white space at an end, where md5-frames loses it"],
        ["birthdate", "\u3000", "has white space at an end, where md5-frames loses it"],
        ["lastName", "\ud800", "is not valid Unicode"],
      ] as const) {
        assert.deepEqual(each?.unfit?.(bet({ [field]: text })), { field, reason }, text);
      }
    }
  });

  it("are no others", () => {
    for (const overrides of [
      {},
      { firstName: '{a:"@0#}' },
      { firstName: "A na" },
      { lastName: "" },
      { lastName: "\ufeff" },
      { document: "0012" },
      { number: NaN },
    ]) {
      assert.equal(dialer?.unfit?.(bet(overrides)), undefined);
    }
  });
});
