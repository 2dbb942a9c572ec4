import assert from "node:assert/strict";
import { connect } from "node:net";
import { startCentral } from "../../src/central/central.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { nextHead } from "../../src/lottery/chain.ts";
import { AGENCY_DIALERS, DIALECTS } from "../../src/protocols/index.ts";
import type { AgencyLink } from "../../src/protocols/agency-link.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { readDraw } from "../../src/stores/ledger/read-draw.ts";
import { verifyDraw } from "../../src/stores/ledger/verify.ts";

export interface ClosingInstant {
  readonly dir: string;
  readonly connections: number;
  readonly batches: number;
  /** Who closes the draw in the middle of the load. */
  readonly by: "clock" | "operator";
}

interface Tally {
  readonly accepted: Map<AgencyId, number>;
  late: number;
  readonly others: string[];
}

/**
 * Sends batches from many connections while the draw closes, until everyone is told LATE or has sent all of
 * its own. Compares who was told what with what was sealed.
 */
export async function closeUnderLoad(options: ClosingInstant): Promise<Tally> {
  const { dir, connections, batches, by } = options;
  const tally: Tally = { accepted: new Map(), late: 0, others: [] };
  const closesAtMs = by === "clock" ? Date.now() + 700 : undefined;
  const store = await openLedger({
    dir,
    draw: "1",
    winningNumber: 7574,
    agencies: connections,
    closesAtMs,
    onFailure: (error) => assert.fail(error),
  });
  const central = await startCentral({
    config: { bindAddress: "127.0.0.1", port: 0, listenBacklog: 511, drawMarginMs: 0 },
    store,
    dialects: DIALECTS,
  });
  const links: AgencyLink[] = [];
  try {
    const each = Math.ceil(batches / connections);
    const agencies = Array.from({ length: connections }, (_, index) => index + 1);
    for (const agency of agencies) {
      links.push(await dial(agency as AgencyId, central.address.port));
    }
    const sending = links.map((link, index) =>
      sendUntilLate(link, (index + 1) as AgencyId, each, tally),
    );
    if (by === "operator") {
      // In the middle of the load: when half of one connection's batches are confirmed.
      while ((tally.accepted.get(1 as AgencyId) ?? 0) < each / 2) await turn();
      const verdict = await central.operations.act(
        "1",
        { kind: "close" },
        { by: "ana", reason: "the load test" },
      );
      assert.equal(verdict?.kind, "done");
    }
    await Promise.all(sending);
  } finally {
    await Promise.all(links.map((link) => link.close()));
    await central.stop("the test is over");
  }
  await compare(options, tally);
  return tally;
}

async function dial(agency: AgencyId, port: number): Promise<AgencyLink> {
  const dialer = AGENCY_DIALERS.get("native");
  assert.ok(dialer !== undefined);
  return dialer.dial({
    agency,
    draw: "1",
    answerTimeoutMs: 60_000,
    frameBytesMax: 8192,
    signal: new AbortController().signal,
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ port, host: "127.0.0.1", noDelay: true });
        socket.once("connect", () => resolve(socket));
        socket.once("error", reject);
      }),
  });
}

/** One batch after the other: what is busy comes again. After the first LATE all others must be late. */
async function sendUntilLate(
  link: AgencyLink,
  agency: AgencyId,
  count: number,
  tally: Tally,
): Promise<void> {
  let over = false;
  for (let sequence = 1; sequence <= count; ) {
    const bets = [betOf(agency, sequence)];
    const answer = await link.send({ sequence, bets, lines: encodeLines(bets) });
    switch (answer.kind) {
      case "accepted":
        assert.equal(over, false, `agency ${agency} was told LATE, and then accepted`);
        tally.accepted.set(agency, sequence);
        sequence++;
        break;
      case "busy":
        await turn();
        break;
      case "rejected":
        if (answer.code !== "LATE") tally.others.push(answer.code);
        else tally.late++;
        // The same sequence again and again: each of the rest is refused.
        over = true;
        count--;
        break;
      default:
        tally.others.push(answer.kind);
        count--;
    }
  }
}

const betOf = (agency: AgencyId, sequence: number) => ({
  agency,
  firstName: "Ana",
  lastName: "Paz",
  document: String(agency * 100_000 + sequence),
  birthdate: "1999-03-17",
  number: sequence % 10_000,
});

/** What was confirmed is what is sealed: every batch of every agency, and none besides. */
async function compare({ dir, connections }: ClosingInstant, tally: Tally): Promise<void> {
  const { difference, state, agencies, acts } = await verifyDraw(dir, "1");
  assert.deepEqual([state, difference], ["drawn", undefined]);
  assert.equal(acts.length, 1);
  const heads = new Map<number, Buffer>();
  for await (const { agency, sequence, count, lines } of readDraw(dir, "1")) {
    const before = heads.get(agency) ?? Buffer.alloc(32);
    heads.set(agency, nextHead(before, sequence, count, lines));
  }
  for (let agency = 1; agency <= connections; agency++) {
    const sealed = agencies[agency - 1];
    const confirmed = tally.accepted.get(agency as AgencyId) ?? 0;
    assert.equal(sealed?.batches, confirmed, `agency ${agency}`);
    assert.equal(sealed?.closedOut, true);
    assert.equal(sealed?.head, (heads.get(agency) ?? Buffer.alloc(32)).toString("hex"));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
