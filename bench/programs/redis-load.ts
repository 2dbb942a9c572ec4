import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { batchLines, makeBatches } from "./batches.ts";
import { runClosedLoop } from "./closed-loop.ts";
import { peerArguments } from "./peer-arguments.ts";

// Redis streams: one entry per batch, in the agency's stream, under the batch's number; Redis refuses the
// same number a second time. One connection per client.

const BATCHES_EACH = 8;
/** `$`: the first byte of an answer to XADD; an error begins with `-`. */
const STRING = 0x24;
const NUMBER_DIGITS = 10;

const options = peerArguments();
const { clients, batch, host, port } = options;
const commands = Array.from({ length: clients }, (_, client) =>
  makeBatches(client + 1, BATCHES_EACH, batch).map((bets) => xadd(client + 1, batchLines(bets))),
);
const sockets = await Promise.all(
  Array.from({ length: clients }, async () => {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, "connect");
    return socket;
  }),
);
await runClosedLoop({
  ...options,
  send: (client, sequence) => {
    const pool = commands[client] ?? [];
    const command = pool[sequence % pool.length];
    const socket = sockets[client];
    if (command === undefined || socket === undefined) throw new RangeError(`No client ${client}`);
    return exchange(socket, numbered(command, sequence));
  },
});
for (const socket of sockets) socket.destroy();
process.disconnect();

/** Answers to XADD are short and come in one piece: `$3\r\n5-1\r\n`. */
function exchange(socket: Socket, command: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("data", (answer) => {
      if (answer[0] === STRING) resolve();
      else reject(new Error(`Redis refused: ${answer.toString("latin1")}`));
    });
    socket.write(command);
  });
}

interface Command {
  readonly bytes: Buffer;
  /** Offset of the batch's number, which has {@link NUMBER_DIGITS} digits. */
  readonly numberAt: number;
}

/** `XADD agency:1 0000000001-1 b LINES`, made before the clock starts. */
function xadd(agency: number, lines: Buffer): Command {
  const key = `agency:${agency}`;
  const before = `*5\r\n$4\r\nXADD\r\n$${key.length}\r\n${key}\r\n$${NUMBER_DIGITS + 2}\r\n`;
  const after = `-1\r\n$1\r\nb\r\n$${lines.length}\r\n`;
  const number = "0".repeat(NUMBER_DIGITS);
  const bytes = Buffer.concat([Buffer.from(before + number + after), lines, Buffer.from("\r\n")]);
  return { bytes, numberAt: before.length };
}

function numbered({ bytes, numberAt }: Command, sequence: number): Buffer {
  bytes.write(String(sequence).padStart(NUMBER_DIGITS, "0"), numberAt, "latin1");
  return bytes;
}
