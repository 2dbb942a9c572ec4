import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { connect as connectSocket, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { receiptsFile } from "../../src/agency/receipts-file.ts";
import { runAgency, type RunAgencyOptions } from "../../src/agency/run.ts";
import { type Central, startCentral } from "../../src/central/central.ts";
import { systemClock } from "../../src/clock.ts";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { nativeDialect } from "../../src/protocols/dialects/native/dialect.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import type { ClientMessage } from "../../src/protocols/dialects/native/wire.ts";
import { ProtocolError } from "../../src/protocols/protocol-error.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { sampleBets } from "./fake-central.ts";
import { agencyCsv, CONFIG } from "./harness.ts";
import { testLimits } from "../central/fixture.ts";
import { eventsTo } from "../support/events-to.ts";
import { unpackFirstLedger } from "../support/first-ledgers.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

const BETS = sampleBets(20);
const ASK = encodeClient({ kind: "seal" });

interface Started {
  readonly central: Central;
  readonly store: BetStore;
  readonly server: string;
}

interface StartOptions {
  readonly agencies: number;
  readonly dialect?: Dialect;
  readonly change?: (store: BetStore) => BetStore;
}

interface Stage {
  readonly dir: string;
  /** Centrals that must have stopped before the folder is removed. */
  readonly centrals: Central[];
}

async function stage(t: TestContext): Promise<Stage> {
  const centrals: Central[] = [];
  t.after(() => Promise.all(centrals.map((central) => central.stop("the test is over"))));
  return { dir: await tempDir(t), centrals };
}

/** A central on TCP, whose draw is a ledger in a folder. It stops with the test. */
async function start(
  { centrals }: Stage,
  dir: string,
  { agencies, dialect = nativeDialect, change = (store) => store }: StartOptions,
): Promise<Started> {
  const onFailure = (error: Error): void => central.fail(error);
  const ledger = await openLedger({ dir, draw: "1", winningNumber: 7574, agencies, onFailure });
  const store = change(ledger);
  const central: Central = await startCentral({
    config: {
      bindAddress: "127.0.0.1",
      port: 0,
      listenBacklog: 16,
      drawMarginMs: 0,
      limits: testLimits,
    },
    store,
    dialects: [dialect],
    events: eventsTo(memoryLogger(), systemClock),
  });
  centrals.push(central);
  return { central, store, server: `127.0.0.1:${central.address.port}` };
}

/** Writes the file of an agency's bets. */
async function bettingFile(dir: string, id: number, bets: readonly Bet[] = BETS): Promise<string> {
  const path = join(dir, `agency-${id}.csv`);
  await writeFile(path, agencyCsv(bets));
  return path;
}

/** Runs `quiniela agency` with receipts and winners. */
async function agency(dir: string, id: number, server: string, data: string): Promise<CliRun> {
  const files = ["--data", data, "--receipts", join(dir, `r-${id}.csv`)];
  const winners = ["--winners", join(dir, `w-${id}.csv`)];
  const more = ["--id", String(id), "--server", server, "--batch-max-amount", "2"];
  return runCli(["agency", ...more, ...files, ...winners], { cwd: dir });
}

function checkOf({ stdout }: CliRun): string {
  return stdout.split("\n").find((line) => line.includes("verificacion_cierre")) ?? "no line";
}

async function winnersIn(dir: string, id: number): Promise<number> {
  return (await readFile(join(dir, `w-${id}.csv`), "utf8")).split("\n").length - 1;
}

const WON = BETS.filter(({ number }) => number === 7574).length;

/** A run of agency 1 in this process. */
function inProcess(
  dir: string,
  dataFile: string,
  logger: MemoryLogger,
  more: Partial<RunAgencyOptions>,
) {
  const path = join(dir, "r-1.csv");
  return runAgency({
    config: { ...CONFIG, dialect: "native", dataFile, receiptsFile: path },
    dialer: nativeDialect.dialer,
    logger,
    signal: new AbortController().signal,
    receipts: receiptsFile({ path, dataFile }),
    sleep: () => new Promise((resolve) => void setImmediate(resolve)),
    ...more,
  });
}

function connectTo(central: Central): Promise<Socket> {
  const socket = connectSocket(central.address.port, "127.0.0.1");
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

describe("agencies with receipts at a real central, after the draw", () => {
  it("check the seal at a central that was started anew between the draw and the question", async (t) => {
    const staged = await stage(t);
    const { dir } = staged;
    const data = join(dir, "d");
    let now = start(staged, data, { agencies: 1 });
    let questions = 0;
    const logger = memoryLogger();
    const outcome = await inProcess(dir, await bettingFile(dir, 1), logger, {
      connect: async () => {
        const { central } = await now;
        const socket = await connectTo(central);
        const write = socket.write.bind(socket);
        socket.write = (bytes: Uint8Array | string) => {
          if (!ASK.equals(Buffer.from(bytes as string)) || questions++ > 0) return write(bytes);
          now = central
            .stop("the question is on its way")
            .then(() => start(staged, data, { agencies: 1 }));
          socket.destroy();
          return true;
        };
        return socket;
      },
    });
    assert.equal(outcome.kind, "success", outcome.error?.message);
    assert.equal(outcome.winners?.length, WON);
    assert.equal(questions, 2);
    const { seal } = await (await now).store.whenDrawn();
    assert.deepEqual(
      logger.of("verificacion_cierre").map(({ result, seal }) => [result, seal]),
      [["success", Buffer.from(seal).toString("hex")]],
    );
  });

  it("check what they have when the draw was closed before they were done", async (t) => {
    const staged = await stage(t);
    const { dir } = staged;
    const file = await bettingFile(dir, 1);
    const { central } = await start(staged, join(dir, "d"), { agencies: 2 });
    const connect = () => connectTo(central);
    const stop = new AbortController();
    const { kind } = await inProcess(dir, file, memoryLogger(), {
      connect,
      signal: stop.signal,
      onProgress: ({ phase }) => phase === "closing" && stop.abort(new Error("enough")),
    });
    assert.equal(kind, "stopped");
    const by = { by: "ana", reason: "it is late" };
    const closed = await central.operations.act("1", { kind: "close" }, by);
    assert.equal(closed?.kind, "done");
    const logger = memoryLogger();
    const outcome = await inProcess(dir, file, logger, { connect });
    assert.equal(outcome.kind, "success", outcome.error?.message);
    assert.equal(outcome.winners?.length, WON);
    assert.deepEqual(
      logger.of("verificacion_cierre").map(({ result }) => result),
      ["success"],
    );
  });

  it("warn, and have their winners, at a central that does not know the question", async (t) => {
    const staged = await stage(t);
    const { dir } = staged;
    const { server } = await start(staged, join(dir, "d"), {
      agencies: 1,
      dialect: withoutSeal(),
    });
    const run = await agency(dir, 1, server, await bettingFile(dir, 1));
    assert.equal(run.status, 6, run.stdout + run.stderr);
    assert.match(checkOf(run), /WARNI .*result: fail .*UNKNOWN_TYPE/);
    assert.equal(await winnersIn(dir, 1), WON);
  });

  it("warn, and have their winners, in a draw that was begun before acts existed", async (t) => {
    const staged = await stage(t);
    const { dir } = staged;
    const { server } = await start(staged, await unpackFirstLedger(t, "drawn"), { agencies: 2 });
    const file = await bettingFile(dir, 1, [firstBet(0, 7574), firstBet(1, 12), firstBet(0, 7574)]);
    const run = await agency(dir, 1, server, file);
    assert.equal(run.status, 6, run.stdout + run.stderr);
    assert.match(checkOf(run), /WARNI .*result: fail .*the seal of this draw is of the first form/);
    assert.equal(await winnersIn(dir, 1), 2);
  });
});

/** A bet of agency 1 in test/golden/ledger-v1. */
const firstBet = (index: number, number: number): Bet => ({
  agency: 1 as AgencyId,
  firstName: `Ana ${index}`,
  lastName: "López, hija",
  document: `3090446${index}`,
  birthdate: "1999-03-17",
  number,
});

/** native as it was before SEAL. */
function withoutSeal(): Dialect {
  return {
    ...nativeDialect,
    serve(context) {
      const conversation = nativeDialect.serve(context);
      const take = conversation.take.bind(conversation);
      conversation.take = (message) => {
        if ((message as ClientMessage).kind !== "seal") take(message);
        else {
          const text = "Cannot decode frame: type 7 is unknown";
          conversation.violated(new ProtocolError("UNKNOWN_TYPE", text));
        }
      };
      return conversation;
    },
  };
}
