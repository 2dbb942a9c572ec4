import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { inspect } from "node:util";
import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import { connectOverTls } from "../../src/agency/connect-tls.ts";
import { ENDS_MAX } from "../../src/agency/refused-by-end.ts";
import { runAgency } from "../../src/agency/run.ts";
import type { AgencyConfig, AgencyTlsConfig } from "../../src/config/agency-config.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { type AgencyAccess, loadAgencyAccess } from "../../src/identity/agency-access.ts";
import { newToken, storedKeyOf } from "../../src/identity/token.ts";
import { AGENCY_DIALERS } from "../../src/protocols/dialects.ts";
import { type GuardedCentral, startGuarded } from "../central/identity/fixture.ts";
import { bet } from "../central/line-peer.ts";
import { newAuthority, TestIdentity } from "../support/identity-files.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";
import { tempDir } from "../support/temp-dir.ts";
import { CONFIG, writeBets } from "./harness.ts";

const TOKEN = newToken();

/** The settings of an agency's TLS, with files as the stage has them. */
async function settingsOf(
  identity: TestIdentity,
  how: "certificate" | "token" | "nothing",
  agency = 1,
): Promise<AgencyTlsConfig> {
  const tls: AgencyTlsConfig = {
    authorities: identity.files.authorities,
    certificate: undefined,
    key: undefined,
    name: "127.0.0.1",
    tokenFile: undefined,
  };
  if (how === "nothing") return tls;
  if (how === "token") {
    const tokenFile = join(identity.dir, "one.token");
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    return { ...tls, tokenFile };
  }
  const issued = await identity.issueAgency(agency);
  await identity.list({ agency, certificates: [issued] });
  const { cert: certificate, key } = await identity.store("one", issued);
  return { ...tls, certificate, key };
}

interface Ran {
  readonly outcome: AgencyOutcome;
  readonly logger: MemoryLogger;
}

async function runTo(
  t: TestContext,
  port: number,
  access: AgencyAccess | undefined,
  config: Partial<AgencyConfig> = {},
): Promise<Ran> {
  const logger = memoryLogger();
  const dataFile = writeBets(await tempDir(t), [bet(1, "30904465", 7574), bet(1, "100")]);
  const dialect = config.dialect ?? "native";
  const outcome = await runAgency({
    config: { ...CONFIG, host: "127.0.0.1", port, dataFile, dialect, ...config },
    dialer: AGENCY_DIALERS.get(dialect),
    access,
    logger,
    signal: new AbortController().signal,
    sleep: () => new Promise((resolve) => void setImmediate(resolve)),
  });
  return { outcome, logger };
}

const load = (tls: AgencyTlsConfig, id = "1"): Promise<AgencyAccess> =>
  loadAgencyAccess(tls, id, new Date());

async function stage(
  t: TestContext,
): Promise<{ readonly identity: TestIdentity; readonly start: () => Promise<GuardedCentral> }> {
  const identity = await TestIdentity.make(t);
  return { identity, start: () => startGuarded(t, identity, { store: { agencies: 1 } }) };
}

describe("an agency over TLS", () => {
  for (const dialect of AGENCY_DIALERS.keys()) {
    it(`sends its bets with its certificate in ${dialect}`, async (t) => {
      const { identity, start } = await stage(t);
      const access = await load(await settingsOf(identity, "certificate"));
      const { port, store } = await start();
      const { outcome } = await runTo(t, port, access, { dialect });
      assert.equal(outcome.error, undefined);
      assert.equal(outcome.kind, "success");
      const bets = store.batches.reduce((sum, { count }) => sum + count, 0);
      assert.equal(bets, 2);
    });
  }

  it("sends its bets with its token, and gets its winners", async (t) => {
    const { identity, start } = await stage(t);
    await identity.list({ agency: 1, tokens: [storedKeyOf(TOKEN)] });
    const { port } = await start();
    const access = await load(await settingsOf(identity, "token"));
    const { outcome, logger } = await runTo(t, port, access);
    assert.deepEqual([outcome.error, outcome.winners], [undefined, ["30904465"]]);
    assert.doesNotMatch(logger.render("agency"), /qnl_/);
  });

  const REFUSED: Readonly<
    Record<string, readonly [message: RegExp, spoil: (identity: TestIdentity) => Promise<void>]>
  > = {
    "a certificate that has ended": [
      /its certificate has ended, or this machine's clock is wrong/,
      async (identity) => spoilServer(identity, ["127.0.0.1"], [-2, -1]),
    ],
    "a certificate that is not valid yet": [
      /its certificate is not valid yet/,
      async (identity) => spoilServer(identity, ["127.0.0.1"], [1, 2]),
    ],
    "another name": [
      /its certificate does not have the name 127\.0\.0\.1; set tls\.name/,
      async (identity) => identity.serve(await identity.issueServer(["central.example"])),
    ],
    "an authority that the agency does not know": [
      /none of the authorities of tls\.ca has issued its certificate/,
      async (identity) =>
        identity.serve(
          await identity.issueServer(undefined, undefined, await newAuthority("Another")),
        ),
    ],
  };

  for (const [what, [message, spoil]] of Object.entries(REFUSED)) {
    it(`does not trust a central with ${what}, says so, and does not try again`, async (t) => {
      const { identity } = await stage(t);
      const access = await load(await settingsOf(identity, "certificate"));
      await spoil(identity);
      const port = await rawTls(t, identity);
      const { outcome, logger } = await runTo(t, port, access);
      assert.equal(outcome.error?.code, "CENTRAL_UNPROVEN");
      assert.match(outcome.error?.message ?? "", message);
      assert.deepEqual(logger.of("connect"), []);
    });
  }

  it("gives up at once, in native, at a central that refuses its certificate", async (t) => {
    const { identity, start } = await stage(t);
    const access = await load(await settingsOf(identity, "certificate"));
    await identity.list();
    const { port } = await start();
    const { outcome, logger } = await runTo(t, port, access);
    assert.equal(outcome.error?.code, "REFUSED");
    assert.match(outcome.error?.message ?? "", /UNPROVEN/);
    assert.deepEqual(logger.of("connect"), []);
  });

  it("gives up, in the other dialects, at a central that ends every connection", async (t) => {
    const { identity, start } = await stage(t);
    const access = await load(await settingsOf(identity, "certificate"));
    await identity.list();
    const { port, of } = await start();
    const { outcome } = await runTo(t, port, access, { dialect: "tlv" });
    assert.ok(["REFUSED", "SENDING_CLOSED"].includes(outcome.error?.code ?? ""));
    assert.ok(of("handshake-refused").length <= ENDS_MAX);
  });

  it("gives up at a central that asks for a token that it does not have", async (t) => {
    const { identity, start } = await stage(t);
    const { port } = await start();
    const { outcome } = await runTo(t, port, await load(await settingsOf(identity, "nothing")));
    assert.equal(outcome.error?.code, "REFUSED");
    assert.match(outcome.error?.message ?? "", /neither a certificate nor a token/);
  });

  it("goes on trying at a central that ends every connection before its handshake is over", async (t) => {
    const identity = await TestIdentity.make(t);
    const access = await loadAgencyAccess(await settingsOf(identity, "nothing"), "1", new Date());
    const full = createServer((socket) => socket.destroy());
    const target = { host: "127.0.0.1", port: await portOf(t, full), timeoutMs: 2000 };
    const connect = connectOverTls(target, access);
    for (let times = 0; times < ENDS_MAX + 5; times++) {
      await assert.rejects(connect(new AbortController().signal), {
        code: "CONNECT_FAILED",
        transient: true,
      });
    }
  });

  it("says that it has reached a port without TLS", async (t) => {
    const { identity } = await stage(t);
    const access = await load(await settingsOf(identity, "certificate"));
    const server = createServer((socket) => {
      socket.on("error", () => undefined).end("this is no TLS\n");
    });
    const { outcome } = await runTo(t, await portOf(t, server), access);
    assert.equal(outcome.error?.code, "CENTRAL_UNPROVEN");
    assert.match(outcome.error?.message ?? "", /SERVER_TLS_PORT/);
  });

  it("does not speak in the open because nobody has loaded its files", async (t) => {
    const { identity } = await stage(t);
    const tls = await settingsOf(identity, "certificate");
    const { outcome } = await runTo(t, 1, undefined, { tls });
    assert.equal(outcome.error?.code, "AGENCY_MISCONFIGURED");
  });
});

describe("the files of an agency's TLS", () => {
  type Spoils = (tls: AgencyTlsConfig, identity: TestIdentity) => Promise<unknown>;
  const WRONG: Readonly<Record<string, readonly [problem: RegExp, spoil: Spoils]>> = {
    "authorities that are missing": [
      /^tls\.ca: .*ca\.pem: there is no such file$/,
      ({ authorities }) => rm(authorities),
    ],
    "a key that others may read": [
      /^tls\.key: .*one\.key: others than its owner may use it \(permissions 644\)/,
      ({ key }) => chmod(key ?? "", 0o644),
    ],
    "a token that others may read": [
      /^token\.file: .*one\.token: others than its owner may use it \(permissions 604\)/,
      ({ tokenFile }) => chmod(tokenFile ?? "", 0o604),
    ],
    "a token that is none": [
      /^token\.file: .*one\.token: has no token; allowed: qnl_ and 43 characters/,
      ({ tokenFile }) => writeFile(tokenFile ?? "", "qnl_SaltedSecret"),
    ],
    "a certificate of another agency": [
      /^tls\.cert: .*one\.pem: the certificate is agency 2's, and id is 1$/,
      async ({ certificate }, identity) =>
        writeFile(certificate ?? "", (await identity.issueAgency(2)).certificate),
    ],
    "a certificate that has ended": [
      /^tls\.cert: .*one\.pem: the certificate ended at 20/,
      async ({ certificate }, identity) =>
        writeFile(certificate ?? "", (await identity.issueAgency(1, [-2, -1])).certificate),
    ],
  };

  for (const [what, [problem, spoil]] of Object.entries(WRONG)) {
    it(`are refused with ${what}`, async (t) => {
      const { identity } = await stage(t);
      const { tokenFile } = await settingsOf(identity, "token");
      const tls = { ...(await settingsOf(identity, "certificate")), tokenFile };
      await load(tls);
      await spoil(tls, identity);
      await assert.rejects(load(tls), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.problems[0] ?? "", problem);
        assert.doesNotMatch(error.message, /SaltedSecret|PRIVATE/);
        return true;
      });
    });
  }

  it("do not show the token or the key when they are printed", async (t) => {
    const { identity } = await stage(t);
    const { tokenFile } = await settingsOf(identity, "token");
    const access = await load({ ...(await settingsOf(identity, "certificate")), tokenFile });
    const printed = inspect(access, { depth: 10, showHidden: true }) + JSON.stringify(access);
    assert.ok(!printed.includes(TOKEN));
    assert.doesNotMatch(printed, /PRIVATE/);
  });
});

/** A certificate that the central's own loader would refuse. */
async function spoilServer(
  identity: TestIdentity,
  hosts: readonly string[],
  days: readonly [number, number],
): Promise<void> {
  await identity.serve(await identity.issueServer(hosts, days));
}

/** A server with the files as they are, without any check of them. */
async function rawTls(t: TestContext, { files }: TestIdentity): Promise<number> {
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
  return portOf(
    t,
    createTlsServer({ cert, key, minVersion: "TLSv1.3" }, (socket) => {
      socket.on("error", () => undefined);
    }),
  );
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
