import { LinkError } from "../../src/protocols/agency-link.ts";
import { Pipe, type PipeShape } from "./pipe.ts";
import { SimSocket } from "./sim-socket.ts";
import type { Life, World } from "./world.ts";

/** The listener: there is one central, at one address. */
interface Door {
  readonly life: Life;
  readonly onConnection: (socket: SimSocket, address: string) => void;
}

/** One connection, from both sides. */
export interface Connection {
  readonly name: string;
  readonly client: SimSocket;
  readonly server: SimSocket;
}

export interface ConnectOptions {
  /** The client's, as the central sees it. */
  readonly address: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Called with every piece of bytes that arrives. */
  readonly onReceived?: ((bytes: Uint8Array) => void) | undefined;
}

/** After so long a silence the systems give up a connection that nothing passes on any more. */
const SILENCE_MS = [20_000, 90_000] as const;

/** Longer than an agency waits for its welcome. */
const GREETING_HELD_MS = 20_000;

/** The network between one central and its clients. */
export class Network {
  readonly world: World;
  readonly open = new Set<Connection>();
  /** Until then no bytes pass, and no connection can be made. */
  downUntilMs = 0;
  /** Clients whose next greeting is held back until they have given it up and sent another one. */
  readonly slowGreeters = new Set<Life>();
  readonly #slowGreetings = new Map<Life, Pipe>();
  #door: Door | undefined;
  #connections = 0;
  #lastAcceptMs = 0;

  constructor(world: World) {
    this.world = world;
  }

  listen(door: Door): () => void {
    this.#door = door;
    return () => {
      if (this.#door === door) this.#door = undefined;
    };
  }

  /** As `connectTo` does over TCP. */
  connect(life: Life, options: ConnectOptions): Promise<SimSocket> {
    const { world } = this;
    const { signal, timeoutMs } = options;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      let made: SimSocket | undefined;
      let settled = false;
      const settle = (): boolean => {
        if (settled) return false;
        settled = true;
        cancelTimeout();
        signal.removeEventListener("abort", onAbort);
        return true;
      };
      const fail = (error: unknown): void => {
        if (!settle()) return;
        // The system closes a connection that no process has accepted.
        if (made !== undefined) this.close(made);
        reject(error);
      };
      const refuse = (why: string): void =>
        fail(new LinkError("CONNECT_FAILED", `Cannot connect to the central: ${why}`));
      const onAbort = (): void => fail(signal.reason);
      signal.addEventListener("abort", onAbort);
      const cancelTimeout = life.after(timeoutMs, "connect times out", () => refuse("no answer"));
      const latencyMs = world.chance.spread(0.05, world.chance.hits(0.05) ? 500 : 3);
      world.schedule(undefined, latencyMs, "SYN arrives", () => {
        // The systems send lost packets again, but not in time.
        if (settled || life.over || world.nowMs < this.downUntilMs) return;
        const door = this.#door;
        if (door === undefined || door.life.over) {
          life.after(latencyMs, "is refused", () => refuse("nothing listens there (ECONNREFUSED)"));
          return;
        }
        const { client, name } = this.#establish(life, door, latencyMs, options);
        made = client;
        life.after(latencyMs, `connects as ${name}`, () => {
          if (client.gone) return refuse("the connection broke (ECONNRESET)");
          if (!settle()) return;
          client.held = true;
          resolve(client);
        });
      });
    });
  }

  #establish(life: Life, door: Door, latencyMs: number, options: ConnectOptions): Connection {
    const { world } = this;
    const name = `c${++this.#connections}`;
    const client = new SimSocket(this, life, `${name}>`, { allowHalfOpen: false, shared: false });
    const server = new SimSocket(this, door.life, `${name}<`, {
      allowHalfOpen: true,
      shared: true,
    });
    const shape = pipeShape(world, latencyMs);
    client.pair(server, new Pipe(world, client, server, shape));
    server.pair(client, new Pipe(world, server, client, shape, options.onReceived));
    const connection = { name, client, server };
    this.open.add(connection);
    this.#slowGreetings.get(life)?.unstall(world.nowMs + world.chance.spread(0.1, 100));
    this.#slowGreetings.delete(life);
    if (this.slowGreeters.delete(life)) {
      client.outbound.stall(world.nowMs + GREETING_HELD_MS);
      this.#slowGreetings.set(life, client.outbound);
    }
    // Connections are accepted in the order in which they came; their bytes may come in any other
    // order.
    const acceptMs = Math.max(world.nowMs + world.chance.spread(0.01, 1), this.#lastAcceptMs);
    this.#lastAcceptMs = acceptMs;
    door.life.after(acceptMs - world.nowMs, `accepts ${name}`, () => {
      if (server.gone) return;
      if (this.#door !== door) return this.reset(server);
      server.held = true;
      door.onConnection(server, options.address);
    });
    return connection;
  }

  // What the operating systems do at both ends.

  /** One side has closed its socket: what it has sent still arrives, then the end. */
  close(socket: SimSocket): void {
    if (socket.gone) return;
    // If it has not read everything, its end is an RST, as on real systems.
    if (socket.unread) return this.reset(socket);
    this.#letGo(socket);
    socket.outbound.sendEnd();
  }

  /** One side ends the connection with RST. */
  reset(socket: SimSocket): void {
    if (socket.gone) return;
    this.#letGo(socket);
    this.answerReset(socket);
  }

  /** Bytes came to a side that is gone, so its system answers with RST. */
  answerReset(socket: SimSocket): void {
    if (socket.mute) return;
    socket.outbound.drop();
    this.#lose(socket.peer, "ECONNRESET", this.world.chance.spread(0.05, 5));
  }

  /** The machine of one side has lost its power: the other side notices nothing for a while. */
  vanish(socket: SimSocket): void {
    if (socket.gone) return;
    socket.mute = true;
    this.#letGo(socket);
    socket.outbound.drop();
    this.#lose(socket.peer, "ETIMEDOUT", this.world.chance.spread(50, SILENCE_MS[1]));
  }

  #letGo(socket: SimSocket): void {
    socket.gone = true;
    socket.inbound.receiverGone();
    if (!socket.peer.gone) return;
    for (const connection of this.open) {
      if (connection.client === socket || connection.server === socket)
        this.open.delete(connection);
    }
  }

  // What goes wrong.

  /** Both sides notice that the connection is gone; bytes on their way are lost. */
  cut({ client, server }: Connection): void {
    for (const socket of [client, server]) {
      // Sent bytes are lost, or some of them still arrive; after a lost byte no other arrives.
      if (this.world.chance.hits(0.5)) socket.outbound.swallow();
      this.#lose(socket, "ECONNRESET", this.world.chance.spread(0.01, 20));
    }
  }

  /** No bytes pass any more, and neither side notices. */
  silence({ client, server }: Connection): void {
    for (const socket of [client, server]) {
      socket.outbound.swallow();
      this.#lose(socket, "ETIMEDOUT", this.world.chance.between(...SILENCE_MS));
    }
  }

  #lose(socket: SimSocket, code: string, delayMs: number): void {
    socket.life.after(delayMs, `${socket.name} ${code}`, () => {
      if (socket.gone) return;
      this.#letGo(socket);
      socket.outbound.drop();
      // A process that has not got the connection yet never gets it.
      if (!socket.held) return;
      socket.destroy(Object.assign(new Error(`read ${code}`), { code }));
    });
  }

  /** A process is gone. @param how with its machine, or alone */
  lifeEnded(life: Life, how: "alone" | "machine"): void {
    for (const { client, server } of this.open) {
      for (const socket of [client, server]) {
        if (socket.life !== life) continue;
        if (how === "machine") this.vanish(socket);
        else if (this.world.chance.hits(0.3)) this.reset(socket);
        else this.close(socket);
      }
    }
    if (this.#door?.life === life) this.#door = undefined;
  }
}

function pipeShape({ chance }: World, latencyMs: number): PipeShape {
  const cut = chance.weighted({ "as sent": 5, merged: 5, pieces: 4, crumbs: 0.3 });
  return { latencyMs, cut };
}
