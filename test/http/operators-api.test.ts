import assert from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { startCentral } from "../../src/central/central.ts";
import { operatorsApi } from "../../src/http/api.ts";
import { openSocketDoor, SOCKET_FILE } from "../../src/http/socket-door.ts";
import { wayTo } from "../../src/stores/disk/socket-way.ts";
import { DIALECTS } from "../../src/protocols/index.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { openCsvStore } from "../../src/stores/csv/csv-store.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { batchOf, submit, WINNING_NUMBER, winnersOf } from "../stores/conformance/batches.ts";
import { tempDir } from "../support/temp-dir.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Ask = (method: "GET" | "POST", path: string, body?: unknown) => Promise<Answer>;

async function askAt(dir: string, method: string, path: string, body: unknown): Promise<Answer> {
  const way = await wayTo(dir, SOCKET_FILE);
  return new Promise((resolve, reject) => {
    const options = { socketPath: way.path, method, path: `/api/v1${path}`, agent: false };
    const asking = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => {
        void way.close();
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown });
      });
    });
    asking.on("error", reject);
    asking.end(
      body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    );
  });
}

const onFailure = (error: Error): never => assert.fail(error);

interface Setup {
  readonly dir: string;
  readonly store: BetStore;
  readonly ask: Ask;
  /** Everything that was answered, as text. */
  readonly said: () => string;
}

/** A central with a draw `1` of two agencies whose number is told, and its socket. */
async function setUp(
  t: TestContext,
  open?: (dir: string) => Promise<BetStore>,
  dirName = "data",
): Promise<Setup> {
  // Hooks run in their order: the central stops before its folder is removed.
  const hooks: (() => Promise<void>)[] = [];
  t.after(() => Promise.all(hooks.map((hook) => hook())));
  const dir = join(await tempDir(t), dirName);
  await mkdir(dir, { recursive: true });
  const draw = { dir, draw: "1", winningNumber: undefined, agencies: 2, onFailure };
  const store = await (open?.(dir) ?? openLedger(draw));
  const central = await startCentral({
    config: { bindAddress: "127.0.0.1", port: 0, listenBacklog: 1, drawMarginMs: 0 },
    store,
    openDraw:
      open === undefined
        ? (plan) => openLedger({ ...plan, draw: plan.name, dir, onFailure })
        : undefined,
    dialects: DIALECTS,
  });
  const api = operatorsApi({
    operations: central.operations,
    service: () =>
      Promise.resolve({
        version: "0",
        pid: 1,
        startedAt: "",
        address: central.address,
        connections: central.connections,
        dataDir: dir,
        disk: null,
      }),
  });
  const door = await openSocketDoor(api, dir);
  hooks.push(async () => {
    await door?.close();
    await central.stop("the test is over");
  });
  const said: string[] = [];
  const ask: Ask = async (method, path, body) => {
    const answer = await askAt(dir, method, path, body);
    said.push(JSON.stringify(answer.body));
    return answer;
  };
  return { dir, store, ask, said: () => said.join("\n") };
}

const ana = { operator: "ana", reason: "a test" };
const done = { status: 200, body: { result: "done" } };
const already = { status: 200, body: { result: "already" } };

function codeOf({ status, body }: Answer): readonly [number, unknown] {
  return [status, (body as { error?: unknown }).error];
}

describe("the operators' interface", () => {
  it("leads a draw from its opening to its number, and each act twice changes nothing", async (t) => {
    const { ask } = await setUp(t);
    const noche = { ...ana, draw: "noche", agencies: [{ agency: 7, name: "Sur" }] };
    const opening = { ...noche, winningNumber: null, byOperator: true };
    assert.deepEqual(await ask("POST", "/draws", opening), done);
    assert.deepEqual(await ask("POST", "/draws", opening), already);
    const close = { ...ana, missing: 1 };
    assert.deepEqual(codeOf(await ask("POST", "/draws/noche/close", { ...close, missing: 0 })), [
      409,
      "MISSING_CHANGED",
    ]);
    assert.deepEqual(codeOf(await ask("POST", "/draws/noche/run", ana)), [409, "NOT_SEALED"]);
    assert.deepEqual(await ask("POST", "/draws/noche/close", close), done);
    // Who got no answer asks again with what he was shown.
    assert.deepEqual(await ask("POST", "/draws/noche/close", close), already);
    assert.deepEqual(codeOf(await ask("POST", "/draws/noche/run", ana)), [409, "NUMBER_UNKNOWN"]);
    assert.deepEqual(codeOf(await ask("POST", "/draws/noche/cancel", ana)), [409, "NOT_OPEN"]);
    assert.deepEqual(await ask("POST", "/draws/noche/number", { ...ana, number: 7 }), done);
    assert.deepEqual(await ask("POST", "/draws/noche/number", { ...ana, number: 7 }), already);
    assert.deepEqual(codeOf(await ask("POST", "/draws/noche/number", { ...ana, number: 8 })), [
      409,
      "NUMBER_KNOWN",
    ]);
    assert.deepEqual(await ask("POST", "/draws/noche/run", ana), done);
    const { body } = await ask("GET", "/draws/noche");
    const { state, closedOut, winningNumber, acts } = body as Record<string, unknown>;
    assert.deepEqual([state, closedOut, winningNumber], ["drawn", 1, 7]);
    assert.deepEqual(
      (acts as { act: string }[]).map(({ act }) => act),
      ["open", "close", "tell-number", "run"],
    );
    const list = (await ask("GET", "/draws")).body as { draw: string }[];
    assert.deepEqual(
      list.map(({ draw }) => draw),
      ["1", "noche"],
    );
  });

  it("needs two operators where the plan says so, and shows neither the first one's number", async (t) => {
    const { ask, said } = await setUp(t);
    const plan = { ...ana, draw: "dos", agencies: 1, winningNumber: null, secondOperator: true };
    await ask("POST", "/draws", plan);
    await ask("POST", "/draws/dos/close", { ...ana, missing: 1 });
    const tell = (operator: string, number: number, propose = false): Promise<Answer> =>
      ask("POST", "/draws/dos/number", { operator, number, propose });
    assert.deepEqual(codeOf(await tell("ana", 4321)), [409, "NOT_PROPOSED"]);
    assert.deepEqual(await tell("ana", 4321, true), done);
    assert.deepEqual(codeOf(await tell("ana", 4321)), [409, "SAME_OPERATOR"]);
    assert.deepEqual(codeOf(await tell("eva", 1)), [409, "OTHER_NUMBER"]);
    await ask("GET", "/draws/dos");
    await ask("GET", "/status");
    assert.equal(said().includes("4321"), false);
    assert.deepEqual(await tell("eva", 4321), done);
  });

  it("tells nothing of winners before the draw, and no documents after it", async (t) => {
    const { ask, said, store } = await setUp(t);
    await submit(store, batchOf(1, 1, 6));
    const paths = ["/status", "/draws", "/draws/1", "/draws/1/agencies", "/draws/1/agencies/1"];
    for (const path of paths) await ask("GET", path);
    assert.equal(/winn?er|7574/i.test(said().replaceAll('"winningNumber":null', "")), false);
    await ask("POST", "/draws/1/close", { ...ana, missing: 2 });
    await ask("POST", "/draws/1/number", { ...ana, number: WINNING_NUMBER });
    for (const path of paths) await ask("GET", path);
    for (const document of winnersOf(1, 1, 6)) assert.equal(said().includes(document), false);
  });

  it("shows agencies in pages, and acts on one of them", async (t) => {
    const { ask, store } = await setUp(t);
    await submit(store, batchOf(2, 1, 3));
    const first = (await ask("GET", "/draws/1/agencies?max=1")).body as { agency: number }[];
    assert.deepEqual(
      first.map(({ agency }) => agency),
      [1],
    );
    const rest = (await ask("GET", "/draws/1/agencies?after=1")).body as Record<string, unknown>[];
    assert.deepEqual([rest.length, rest[0]?.["bets"], rest[0]?.["lastSeen"]], [1, 3, null]);
    assert.deepEqual(await ask("POST", "/draws/1/agencies/2/done", ana), done);
    assert.deepEqual(await ask("POST", "/draws/1/agencies/2/done", ana), already);
    assert.deepEqual(codeOf(await ask("POST", "/draws/1/agencies/3/done", ana)), [
      409,
      "UNKNOWN_AGENCY",
    ]);
    assert.deepEqual(await ask("POST", "/draws/1/agencies/2/disconnect", ana), {
      status: 200,
      body: { result: "done", connections: 0 },
    });
    assert.deepEqual(codeOf(await ask("GET", "/draws/1/agencies/3")), [404, "NO_SUCH_AGENCY"]);
  });

  it("refuses what is wrong, and says what is wrong with it", async (t) => {
    const { ask } = await setUp(t);
    const bad: readonly [string, unknown, number, string, RegExp][] = [
      ["/draws/none/close", { ...ana, missing: 0 }, 404, "NO_SUCH_DRAW", /no draw "none"/],
      ["/draws/1/close", ana, 400, "INVALID", /missing/],
      ["/draws/1/close", "{", 400, "INVALID", /no JSON/],
      ["/draws/1/cancel", { operator: "" }, 400, "INVALID", /operator is empty/],
      ["/draws/1/cancel", { operator: "(clock)" }, 400, "INVALID", /begins with a bracket/],
      ["/draws/1/cancel", { ...ana, reason: "a\nb" }, 400, "INVALID", /reason has control/],
      ["/draws/1/cancel", { ...ana, why: 1 }, 400, "INVALID", /why/],
      ["/draws/1/number", { ...ana, number: 10_000 }, 400, "INVALID", /9999/],
      ["/draws", { ...ana, draw: "../x", agencies: 1 }, 400, "INVALID", /draw/],
      ["/draws/1/agencies/x/done", ana, 400, "INVALID", /not a whole number/],
      ["/reload", {}, 409, "NOTHING_TO_RELOAD", /no timetable/],
      ["/nothing", {}, 404, "NOT_FOUND", /there is no/],
    ];
    for (const [path, body, status, code, message] of bad) {
      const answer = await ask("POST", path, body);
      assert.deepEqual(codeOf(answer), [status, code], path);
      assert.match((answer.body as { message: string }).message, message);
    }
    const huge = JSON.stringify({ operator: "a".repeat(33 * 1024 * 1024) });
    assert.deepEqual(codeOf(await ask("POST", "/draws", huge)), [413, "TOO_LARGE"]);
  });

  it("says of a store that keeps no acts what is needed", async (t) => {
    const { ask } = await setUp(t, (dir) =>
      openCsvStore({ dir, draw: "1", winningNumber: 7, agencies: 1, onFailure }),
    );
    assert.deepEqual(codeOf(await ask("POST", "/draws/1/close", { ...ana, missing: 1 })), [
      409,
      "UNSUPPORTED",
    ]);
    assert.deepEqual(
      codeOf(await ask("POST", "/draws", { ...ana, draw: "2", agencies: 1, winningNumber: 1 })),
      [409, "NO_WAY"],
    );
  });
});

describe("the operators' socket", () => {
  it("is the owner's alone, in a folder with a path of any length, and goes with the central", async (t) => {
    const { dir, ask } = await setUp(t, undefined, "x".repeat(200));
    const found = await stat(join(dir, SOCKET_FILE));
    assert.equal(found.isSocket() && found.mode & 0o777, 0o600);
    assert.equal((await ask("GET", "/draws")).status, 200);
  });

  it("replaces what a killed central left, and leaves the socket of a living one", async (t) => {
    const dir = await tempDir(t);
    const api = operatorsApi({} as Parameters<typeof operatorsApi>[0]);
    await writeFile(join(dir, SOCKET_FILE), "");
    const first = await openSocketDoor(api, dir);
    assert.ok(first !== undefined);
    assert.equal(await openSocketDoor(api, dir), undefined);
    await first.close();
    await assert.rejects(stat(join(dir, SOCKET_FILE)), { code: "ENOENT" });
    const server = createServer();
    t.after(() => server.close());
    await new Promise<void>((resolve) => {
      server.listen(join(dir, SOCKET_FILE), resolve);
    });
    assert.equal(await openSocketDoor(api, dir), undefined);
  });
});
