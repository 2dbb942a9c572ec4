import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Bet } from "../../../../src/lottery/bet.ts";
import type { AgencyLink, LinkError } from "../../../../src/protocols/agency-link.ts";
import {
  createNewlineFieldsDialer,
  EXERCISE_6,
  EXERCISE_7,
  FINAL,
  type Version,
} from "../../../../src/protocols/dialects/newline-fields/dial.ts";
import { newlineFieldsDialect } from "../../../../src/protocols/dialects/newline-fields/dialect.ts";
import { ASK_AGAIN_MS } from "../../../../src/protocols/dialects/newline-fields/wire.ts";
import { unfitForNewlineFields } from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { type FakeCentral, hurried, type Reply } from "../../fake-central.ts";
import { fakeCentral, messagesOf } from "./codec.ts";
import { bet, bets, outgoing } from "../../plain-bets.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

const hasty = hurried(ASK_AGAIN_MS);

const code = (name: LinkError["code"]) => ({ name: "LinkError", code: name });

const ANSWERS: Readonly<Record<string, string>> = {
  BET: "Success :)\n\n",
  CONFIRMATION: "OK\n\n",
  WINNERS: "1\n22\n\n\n",
};

function answerTo(message: Buffer): string {
  return ANSWERS[message.toString().split("\n", 1)[0] ?? ""] ?? "Success :)\n\n";
}

function dial(central: FakeCentral, version: Version = FINAL): Promise<AgencyLink> {
  return createNewlineFieldsDialer(version, hasty).dial(dialContext(central.connect));
}

/** Closes it, and sees to it that its connections are. */
async function close(link: AgencyLink, central: FakeCentral): Promise<void> {
  await link.close();
  await link.close();
  assert.equal(central.openCount, 0);
}

const EVERYTHING = ["send", "done", "results"] as const;
type What = (typeof EVERYTHING)[number];

function ask(link: AgencyLink, what: What): Promise<unknown> {
  if (what === "send") return link.send(outgoing([bet()]));
  return what === "done" ? link.done(CLAIM) : link.results();
}

describe("an agency that speaks newline-fields", () => {
  for (const [how, cut] of [
    ["in one piece", (text: string) => [text]],
    ["byte by byte", (text: string) => text.split("")],
    ["with the last LF by itself", (text: string) => [text.slice(0, -1), "\n"]],
  ] as const) {
    it(`hears answers ${how}, on one connection`, async () => {
      const central = fakeCentral((message) => ({ says: cut(answerTo(message)) }));
      const link = await dial(central);
      for (const document of ["1", "2"]) {
        assert.deepEqual(await link.send(outgoing([bet({ document })])), { kind: "accepted" });
      }
      await link.done(CLAIM);
      assert.deepEqual(await link.results(), { winners: ["1", "22"] });
      await close(link, central);
      assert.deepEqual(
        messagesOf(central).map(({ length }) => length),
        [4],
      );
    });
  }

  it("takes a list that ends with two LF, and the shortest of none", async () => {
    for (const [text, winners] of [
      ["1\n\n", ["1"]],
      ["\n\n", []],
    ] as const) {
      const central = fakeCentral(() => ({ says: [text], after: "end" }));
      const link = await dial(central);
      assert.deepEqual(await link.results(), { winners });
      await close(link, central);
    }
  });

  it("hears a list of a hundred thousand winners", async () => {
    const documents = bets(100_000).map(({ document }) => document);
    const central = fakeCentral(() => ({ says: [`${documents.join("\n")}\n\n\n`] }));
    const link = await dial(central);
    assert.deepEqual((await link.results())?.winners, documents);
    await close(link, central);
  });

  it("takes the central's word for an error as a refusal", async () => {
    const central = fakeCentral(() => ({ says: ["Error al recibir msg :(\n\n"] }));
    const link = await dial(central);
    const answer = await link.send(outgoing([bet()]));
    assert.ok(answer.kind === "rejected" && answer.code === "REFUSED");
    await assert.rejects(link.done(CLAIM), code("REFUSED"));
    await assert.rejects(link.results(), code("REFUSED"));
    await close(link, central);
  });

  for (const [what, says] of [
    ["send", "OK\n\n"],
    ["send", "1\n\n\n"],
    ["done", "Success :)\n\n"],
    ["done", "\n\n\n"],
    ["results", "OK\n\n"],
    ["results", "Success :)\n\n"],
    ["send", "Hello\n\n"],
    ["results", "1\nAna\n\n"],
  ] as const) {
    it(`does not believe a central that answers ${what} with ${JSON.stringify(says)}`, async () => {
      const central = fakeCentral(() => ({ says: [says] }));
      const link = await dial(central);
      await assert.rejects(ask(link, what), code("CENTRAL_UNSOUND"));
      await close(link, central);
    });
  }

  it("sends a single bet as exercise 5 does, on its first connection, and goes on with another", async () => {
    const central = fakeCentral((message) => ({
      says: [answerTo(message)],
      ...(message.toString().startsWith("1\n") ? { after: "end" as const } : {}),
    }));
    const link = await dial(central);
    const single = await link.sendSingle(outgoing([bet()]));
    assert.deepEqual(single, { kind: "accepted" });
    await link.done(CLAIM);
    await close(link, central);
    assert.deepEqual(messagesOf(central), [
      ["1\nAna\nPaz\n30000001\n1990-01-31\n7574\n\n"],
      ["CONFIRMATION\n1\n\n"],
    ]);
  });
});

describe("an agency that speaks exercise 7 of newline-fields", () => {
  it("asks again when the connection ends, for as long as the draw is not held", async () => {
    let questions = 0;
    const central = fakeCentral((message): Reply => {
      if (!message.toString().startsWith("WINNERS"))
        return { says: [answerTo(message)], after: "end" };
      return ++questions < 15 ? { says: [], after: "end" } : { says: ["7\n\n\n"], after: "end" };
    });
    const link = await dial(central, EXERCISE_7);
    await link.send(outgoing([bet()]));
    await link.done(CLAIM);
    assert.deepEqual(await link.results(), { winners: ["7"] });
    await close(link, central);
    assert.equal(central.heard.length, 17);
    assert.ok(central.heard.every(({ messages }) => messages.length === 1));
  });

  it("gives up between two questions when it is stopped", async () => {
    const central = fakeCentral(() => ({ says: [], after: "end" }));
    const stop = new AbortController();
    const dialer = createNewlineFieldsDialer(EXERCISE_7, (_callback, delayMs) => {
      if (delayMs === ASK_AGAIN_MS) setImmediate(() => stop.abort(new Error("stopped")));
      return () => undefined;
    });
    const link = await dialer.dial(dialContext(central.connect, 1, stop.signal));
    await assert.rejects(link.results(), code("CONNECTION_LOST"));
    await link.close();
  });

  it("fails when there is no central to ask again", async () => {
    const central = fakeCentral(() => ({ says: [], after: "end" }));
    let connections = 0;
    const dialer = createNewlineFieldsDialer(EXERCISE_7, hasty);
    const link = await dialer.dial(
      dialContext((signal) =>
        connections++ < 2 ? central.connect(signal) : Promise.reject(new Error("gone")),
      ),
    );
    await assert.rejects(link.results(), code("CONNECT_FAILED"));
    await link.close();
  });
});

describe("an agency that speaks exercise 6 of newline-fields", () => {
  it("has a connection for each batch, and knows no draw", async () => {
    const central = fakeCentral(() => ({ says: ["Success :)\n\n"], after: "end" }));
    const link = await dial(central, EXERCISE_6);
    await link.send(outgoing(bets(2)));
    await link.send(outgoing(bets(1)));
    await link.done(CLAIM);
    assert.equal(await link.results(), undefined);
    await close(link, central);
    assert.deepEqual(
      messagesOf(central).map((messages) => messages.map((said) => said.split("\n").length)),
      [[14], [8]],
    );
  });
});

describe("the dialect newline-fields", () => {
  it("offers its final version, and those of exercises 6 and 7", () => {
    const { name, dialer, earlier = {} } = newlineFieldsDialect;
    assert.equal(name, "newline-fields");
    assert.equal(dialer?.measure.overheadBytes, 5);
    assert.deepEqual(Object.keys(earlier), ["ej6", "ej7"]);
    assert.equal(earlier["ej6"]?.measure.overheadBytes, 1);
    assert.equal(earlier["ej7"]?.measure.overheadBytes, 5);
  });

  for (const [what, overrides, field] of [
    ["an empty last name", { lastName: "" }, "lastName"],
    ["an empty first name", { firstName: "" }, "firstName"],
    ["an empty document", { document: "" }, "document"],
    ["an empty birthdate", { birthdate: "" }, "birthdate"],
    ["a line break in a name", { firstName: "Ana\nEva" }, "firstName"],
    ["a line break in a date", { birthdate: "1990-01-31\n" }, "birthdate"],
    ["half a character", { lastName: "Pa\ud83d" }, "lastName"],
  ] as const satisfies readonly [string, Partial<Bet>, string][]) {
    it(`cannot carry ${what}`, () => {
      const unfit = unfitForNewlineFields(bet(overrides));
      assert.equal(unfit?.field, field);
      assert.ok((unfit?.reason.length ?? 0) > 10);
    });
  }

  it("can carry everything else", () => {
    for (const overrides of [
      {},
      { firstName: `a,b:c;d#e|f{g}"h"`, lastName: " spaced ", document: "00042" },
      { firstName: "Ana\u2028Eva", lastName: "\u00a0" },
      { number: Number.NaN, document: "no", birthdate: "never" },
    ]) {
      assert.equal(unfitForNewlineFields(bet(overrides)), undefined);
    }
  });
});
