import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { CentralProcess } from "../abuse/central-process.ts";
import { SPOKEN } from "../abuse/dialogue.ts";
import { until } from "../abuse/until.ts";
import { runCli } from "../support/run-cli.ts";
import { PacedClient } from "./paced-client.ts";

export interface DrawCyclesOptions {
  readonly betsPerSecond: number;
  readonly drawSeconds: number;
  readonly onConfirmed: (bets: number) => void;
  /** Called when a draw is over and its files were found to be right. */
  readonly onDraw: (bets: number) => void;
}

/** One bet in so many wins. */
const WINNING_EVERY = 1000;
/** The default grace of `docker stop`. */
const STOP_GRACE_MS = 10_000;

/**
 * Holds draw after draw until told to stop, each with its own central and folder, and with an
 * agency in every dialect. It checks the winners and files of each draw, and removes it. The last
 * one is held to its end.
 *
 * @throws Error for anything that is wrong
 */
export async function holdDraws(options: DrawCyclesOptions, signal: AbortSignal): Promise<void> {
  for (let draw = 1; !signal.aborted; draw++) await holdDraw(`soak-${draw}`, options, signal);
}

async function holdDraw(
  name: string,
  { betsPerSecond, drawSeconds, onConfirmed, onDraw }: DrawCyclesOptions,
  signal: AbortSignal,
): Promise<void> {
  const settings = { SERVER_AGENCIES: `${SPOKEN.length}`, SERVER_DRAW: name };
  const central = await CentralProcess.start({ settings });
  try {
    const clients = SPOKEN.map((dialect, index) => {
      const agency = (index + 1) as AgencyId;
      return new PacedClient({
        port: central.port,
        agency,
        dialect,
        betsPerSecond: betsPerSecond / SPOKEN.length,
        winningEvery: WINNING_EVERY,
        onConfirmed,
      });
    });
    await sendFor(clients, drawSeconds, signal);
    await Promise.all(clients.map((client) => assertWinners(name, client)));
    await Promise.all(clients.map((client) => client.close()));
    await central.untilAtBase();
    // They are written after the winners are told; a stop would leave them to the next start.
    const written = (): boolean => existsSync(join(central.dataDir, name, "seal.json"));
    await until(`the files of ${name}`, written);
    await assertStopped(central, name);
    await assertVerified(central.dataDir, name, clients);
    onDraw(clients.reduce((sum, { bets }) => sum + bets, 0));
  } finally {
    await central.close();
  }
}

async function sendFor(
  clients: readonly PacedClient[],
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  const timer = setTimeout(stop, seconds * 1000);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.all(clients.map((client) => client.send(enough.signal)));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function assertWinners(name: string, client: PacedClient): Promise<void> {
  const told = await client.finish();
  if (isDeepStrictEqual([...told], client.winners)) return;
  const { agency, winners } = client;
  throw new Error(
    `Draw ${name}: agency ${agency} has ${winners.length} winners and is told ${told.length}, or others`,
  );
}

/** @throws Error when it does not end well */
export async function assertStopped(central: CentralProcess, name: string): Promise<void> {
  const { status, signal } = await central.stop(STOP_GRACE_MS);
  if (status !== 0) throw new Error(`The central of ${name} ended with ${status ?? signal}`);
}

interface Verified {
  readonly agencies: readonly { readonly agency: number; readonly bets: number }[];
}

/** @throws Error if files are not sound, or have another number of bets than was confirmed */
export async function assertVerified(
  dataDir: string,
  name: string,
  clients: readonly PacedClient[],
): Promise<void> {
  const { status, stdout, stderr } = await runCli(["verify", dataDir, "--json"]);
  if (status !== 0) throw new Error(`Draw ${name} is not sound: ${stderr}${stdout.slice(-1000)}`);
  const { agencies } = JSON.parse(stdout) as Verified;
  const stored = new Map(agencies.map(({ agency, bets }) => [agency, bets]));
  for (const { agency, bets } of clients) {
    if (stored.get(agency) === bets) continue;
    throw new Error(
      `Draw ${name}: of agency ${agency} ${bets} bets were confirmed, ${stored.get(agency)} are stored`,
    );
  }
}
