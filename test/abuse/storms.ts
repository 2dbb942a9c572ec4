import assert from "node:assert/strict";
import type { Random } from "../../src/generate/random.ts";
import type { CentralProcess } from "./central-process.ts";
import { inParallel } from "./in-parallel.ts";
import { RawPeer } from "./raw-peer.ts";
import { until } from "./until.ts";

const AT_ONCE = 200;

/** Clients connect and go, each in one of the possible ways. */
export async function playStorm(
  central: CentralProcess,
  { connections, random }: { readonly connections: number; readonly random: Random },
): Promise<void> {
  await inParallel(Array(connections).keys(), AT_ONCE, async () => {
    const peer = await RawPeer.connect({ port: central.port });
    switch (random.below(5)) {
      case 0:
        peer.reset();
        break;
      case 1:
        peer.socket.destroy();
        break;
      case 2:
        peer.say(Buffer.from("QNL1"));
        peer.reset();
        break;
      case 3:
        peer.socket.end("GET / HTTP/1.1\r\n\r\n");
        break;
      default:
        peer.socket.end();
        break;
    }
    await peer.untilEnded();
    await peer.closed;
  });
}

export interface Crowding {
  /** SERVER_CONNECTIONS_MAX and SERVER_CONNECTIONS_PER_ADDRESS_MAX of the central. */
  readonly connectionsMax: number;
  readonly perAddressMax: number;
}

/** The loopback network has millions of addresses; these tests use some of them. */
function addressOf(index: number): string {
  return `127.0.1.${1 + index}`;
}

const EXCESS = 7;

/**
 * Opens more connections than are allowed, from one address and from all together. The rest is
 * turned away, and every connection that ends makes room for another, again and again.
 */
export async function playCrowding(
  central: CentralProcess,
  { connectionsMax, perAddressMax }: Crowding,
  rounds: number,
): Promise<void> {
  const addresses = connectionsMax / perAddressMax;
  for (let round = 0; round < rounds; round++) {
    const inside: RawPeer[] = [];
    for (let address = 0; address < addresses; address++) {
      const peers = await crowd(central, addressOf(address), perAddressMax);
      inside.push(...peers);
    }
    // No connection beyond the limit for all, from any address.
    await crowd(central, addressOf(addresses), 0);
    for (const peer of inside) peer.reset();
    await central.untilConnections(0);
  }
  const refusals = central.logged({ action: "refuse_connection" });
  const reasons = new Set(refusals.map((event) => event["reason"]));
  const expected = new Set([
    `${perAddressMax} connections from this address, max ${perAddressMax}`,
    `${connectionsMax} connections, max ${connectionsMax}`,
  ]);
  assert.deepEqual(reasons, expected);
}

/**
 * Opens more connections from an address than are allowed, and waits until exactly the rest is
 * turned away.
 *
 * @returns those that were let in
 */
async function crowd(
  central: CentralProcess,
  localAddress: string,
  allowed: number,
): Promise<RawPeer[]> {
  const { port } = central;
  const refusals = (): number => central.told("refuse_connection");
  const refusalsBefore = refusals();
  const held = central.connections + allowed;
  const peers: RawPeer[] = [];
  for (let index = 0; index < allowed + EXCESS; index++) {
    peers.push(await RawPeer.connect({ port, localAddress }));
  }
  const turnedAway = (): number => peers.filter(({ ended }) => ended).length;
  await until(
    `${EXCESS} turned away, ${allowed} let in`,
    () =>
      turnedAway() === EXCESS &&
      central.connections === held &&
      refusals() - refusalsBefore === EXCESS,
    () => `Turned away: ${turnedAway()}; the central holds ${central.connections}, not ${held}`,
  );
  return peers.filter(({ ended }) => !ended);
}
