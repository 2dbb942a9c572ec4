import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { frame, identifierIn } from "./codec.ts";
import { FAILURE, serve, SUCCESS } from "./served.ts";
import { bet } from "../../plain-bets.ts";

const batch = (...sent: Bet[]): Buffer => encodeAgency({ kind: "batch", bets: sent });
const done = (agency: number): Buffer => encodeAgency({ kind: "done", agency });
const question = (agency: number): Buffer => encodeAgency({ kind: "question", agency });

describe("a central that speaks md5-frames", () => {
  it("answers in one frame, with the identifier of the request, whatever it is", async () => {
    const identifier = Buffer.alloc(16, 0xab);
    const served = serve(new WatchedDesk(1));
    const asked = [
      [frame(3, "{}", identifier), frame(2, FAILURE, identifier)],
      [batch(bet()), frame(2, SUCCESS, identifierIn(batch(bet())))],
      [frame(4, "{agency:1}", identifier), frame(2, SUCCESS, identifier)],
      [frame(5, "{agency:1}", identifier), frame(6, "{ganadores:30000001}", identifier)],
      [frame(5, "{agency:9}", identifier), frame(6, FAILURE, identifier)],
    ] as const;
    for (const [request, answer] of asked) assert.deepEqual(await served.bring(request), [answer]);
  });

  it("takes a name that makes pairs of its own: the last of a key counts, as in the course", async () => {
    const served = serve();
    const odd = bet({ firstName: "Eva,color:blue,nombre:Ana" });
    assert.deepEqual(await served.say(batch(odd)), [SUCCESS]);
    assert.equal(served.desk.lines, encodeLines([bet()]).toString());
  });

  it("refuses agencies that do not exist, and says so in the log", async () => {
    const served = serve();
    assert.deepEqual(await served.say(batch(bet({ agency: 4 as AgencyId }))), [FAILURE]);
    assert.deepEqual(await served.say(done(4), question(0)), [FAILURE, FAILURE]);
    assert.deepEqual(await served.say(frame(4, "{agencia:1}")), [FAILURE]);
    assert.deepEqual(served.desk.strangers, [
      "refuse_batch 4",
      "register_done 4",
      "query_winners 0",
      "register_done 0",
    ]);
  });
});
