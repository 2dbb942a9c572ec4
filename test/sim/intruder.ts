import { FIRST_HEAD } from "../../src/lottery/chain.ts";
import { createCentralDecoder } from "../../src/protocols/dialects/native/decode.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import { FRAME_BYTES_MAX, PREFACE } from "../../src/protocols/dialects/native/wire.ts";
import type { AgencyHost } from "./agency-host.ts";
import { DRAW } from "./cast.ts";
import type { Chance } from "./chance.ts";
import type { Network } from "./network.ts";
import type { SimSocket } from "./sim-socket.ts";
import type { Watch } from "./watch.ts";
import { Life, type World } from "./world.ts";

/** Things that a hostile client does. */
export type Mischief =
  /** Sends random bytes. */
  | "garbage"
  /** Connects, sends a little or nothing, and stays. */
  | "silent"
  /** Sends other bets under the number of a stored batch. */
  | "conflict"
  /** Sends a batch whose number leaves a gap. */
  | "gap"
  /** Sends the next batch of an agency that is done. */
  | "late"
  /** Sends a batch with a bad bet among good ones. */
  | "invalid"
  /** Sends DONE for an agency, with wrong counts. */
  | "false-done";

/** Things that make sense to do to this agency now. */
export function mischiefFor(victim: AgencyHost, chance: Chance): Mischief {
  return chance.weighted({
    garbage: 1,
    silent: 1,
    conflict: victim.heard.acknowledged > 0 ? 4 : 0,
    gap: 1,
    late: victim.heard.done ? 4 : 0,
    invalid: 2,
    "false-done": 1,
  });
}

/** None of these bets may ever be stored. */
const line = (agency: number, document: number, number: string): string =>
  `${agency},Intruso,Zeta,${document},1990-01-01,${number}\r\n`;

/** Starts one hostile client; it ends by itself. */
export async function intrude(
  mischief: Mischief,
  victim: AgencyHost,
  { world, network, watch }: { world: World; network: Network; watch: Watch },
): Promise<void> {
  const { chance } = world;
  const bytes = bytesOf(mischief, victim, world);
  if (bytes === undefined) return;
  const life = new Life(world, `intruder-${mischief}`);
  const { signal } = new AbortController();
  let socket: SimSocket;
  try {
    socket = await network.connect(life, { address: "10.9.9.9", signal, timeoutMs: 5000 });
  } catch {
    return;
  }
  socket.on("error", () => undefined);
  // Some clients never read.
  const decoder = createCentralDecoder({ frameBytesMax: FRAME_BYTES_MAX });
  if (chance.hits(0.8)) {
    socket.on("data", (chunk: Buffer) => {
      for (const decoded of decoder.push(chunk)) {
        if (decoded.kind === "violation" || decoded.message.kind !== "ack") continue;
        watch.report("forged", `the central confirms what it must refuse: ${mischief}`);
      }
    });
  }
  socket.write(bytes);
  life.after(chance.spread(5, 60_000), "goes away", () => {
    life.over = true;
    network.lifeEnded(life, "alone");
  });
}

function bytesOf(mischief: Mischief, victim: AgencyHost, world: World): Uint8Array | undefined {
  const { chance } = world;
  const { agency } = victim.part;
  const next = victim.heard.acknowledged + 1;
  const number = String(chance.below(10_000));
  switch (mischief) {
    case "garbage":
      return Buffer.from(Array.from({ length: chance.whole(1, 200) }, () => chance.below(256)));
    case "silent":
      return PREFACE.subarray(0, chance.whole(0, PREFACE.length));
    case "conflict":
      // Only under a number that is stored, because else it would be a valid batch.
      if (victim.heard.acknowledged === 0) return undefined;
      return inNameOf(
        victim,
        batch(chance.whole(1, victim.heard.acknowledged), [line(agency, 1, number)]),
      );
    case "gap":
      return inNameOf(victim, batch(1000 + next, [line(agency, 2, number)]));
    case "late":
      if (!victim.heard.done) return undefined;
      return inNameOf(victim, batch(next, [line(agency, 3, number)]));
    case "invalid": {
      const good = line(agency, 4, number);
      const bad = chance.hits(0.5) ? line(agency, 5, "99999") : line(agency + 1, 5, number);
      return inNameOf(victim, batch(next, [good, bad, good]));
    }
    case "false-done":
      return inNameOf(
        victim,
        encodeClient({ kind: "done", batches: 999, bets: 999, head: FIRST_HEAD }),
      );
    default:
      return mischief satisfies never;
  }
}

/**
 * There is no authentication: the central takes the client for the agency that it names, and then
 * fences the real one.
 */
function inNameOf(victim: AgencyHost, frame: Buffer): Buffer {
  victim.impersonated = true;
  const { agency, draw = DRAW } = victim.part;
  const hello = encodeClient({ kind: "hello", agency, draw, credentials: new Uint8Array(0) });
  return Buffer.concat([PREFACE, hello, frame]);
}

function batch(sequence: number, lines: readonly string[]): Buffer {
  const bytes = Buffer.from(lines.join(""));
  return encodeClient({ kind: "batch", sequence, count: lines.length, lines: bytes });
}
