import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agencyId } from "../../../../src/lottery/bet.ts";
import { parseLines } from "../../../../src/lottery/canonical-line.ts";
import { nativeDialect } from "../../../../src/protocols/dialects/native/dialect.ts";
import { decodeAll, decoderFor } from "./codec.ts";
import { Driven } from "../../driven.ts";
import { FakePeer } from "../../fake-peer.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { turn } from "../../scripted-desk.ts";
import { serveContext } from "../../serve-context.ts";
import { conversation, type Step } from "./golden.ts";
import { ScriptedCentral } from "./scripted-central.ts";

const said = (sender: Step["sender"]): Buffer[] =>
  conversation.filter((step) => step.sender === sender).map(({ bytes }) => bytes);

describe("the transcript of a whole conversation", () => {
  it("has ten steps", () => assert.equal(conversation.length, 10));

  it("is what the central says, byte for byte, to what the client says", async () => {
    const desk = new MemoryDesk(1);
    const peer = new FakePeer();
    const served = new Driven(nativeDialect.serve(serveContext(peer, desk)));
    for (const [at, { sender, title, bytes }] of conversation.entries()) {
      if (sender === "central") continue;
      const steps = served.receive(bytes);
      while (steps.next().done !== true);
      const answers = answersTo(at);
      if (answers.length === 0) continue;
      await turn();
      await turn();
      assert.equal(peer.take().toString("hex"), Buffer.concat(answers).toString("hex"), title);
    }
  });

  it("is what the agency says, byte for byte, to what the central says", async () => {
    const central = new ScriptedCentral();
    const sent: Buffer[] = [];
    central.centralSide.on("data", (chunk: Buffer) => sent.push(chunk));
    const [welcome = assert.fail(), ack2, ack3, ackDone, drawn] = said("central");
    const [first = assert.fail(), second = assert.fail(), third = assert.fail()] = batches();

    const dialled = central.dial();
    central.centralSide.write(welcome);
    const link = await dialled;
    const answers = [link.send(first), link.send(second)];
    central.centralSide.write(ack2 ?? assert.fail());
    await Promise.all(answers);
    const single = link.sendSingle(third);
    central.centralSide.write(ack3 ?? assert.fail());
    const answer = await single;
    assert.ok(answer.kind === "accepted" && answer.head !== undefined);
    const done = link.done({ batches: 3, bets: 4, head: answer.head });
    central.centralSide.write(ackDone ?? assert.fail());
    await done;
    central.centralSide.write(drawn ?? assert.fail());
    assert.deepEqual((await link.results())?.winners, ["30904465"]);
    await link.close();
    assert.equal(
      Buffer.concat(sent).toString("hex"),
      Buffer.concat(said("client")).toString("hex"),
    );
  });
});

/** What the central says next, before the client says more. */
function answersTo(step: number): Buffer[] {
  const rest = conversation.slice(step + 1);
  const end = rest.findIndex(({ sender }) => sender === "client");
  return rest.slice(0, end < 0 ? rest.length : end).map(({ bytes }) => bytes);
}

/** The transcript's batches, as an agency hands them over. */
function batches(): Parameters<Awaited<ReturnType<ScriptedCentral["dial"]>>["send"]>[0][] {
  const frames = Buffer.concat(said("client")).subarray(4);
  return decodeAll(decoderFor("client"), [frames]).flatMap((decoded) => {
    if (decoded.kind !== "message") return [];
    const { message } = decoded;
    if (message.kind !== "batch" && message.kind !== "bet") return [];
    const lines = message.kind === "batch" ? message.lines : message.line;
    const bets = parseLines(lines);
    assert.ok(bets.every(({ agency }) => agency === agencyId(1)));
    return [{ sequence: message.sequence, bets, lines }];
  });
}
