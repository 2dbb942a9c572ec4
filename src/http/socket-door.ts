import { chmod, mkdir, rm, stat } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { wayTo } from "../stores/disk/socket-way.ts";

/** The operators' socket, in the data directory. Who may write to this file may operate the central. */
export const SOCKET_FILE = "central.sock";
/** For the owner alone. */
const SOCKET_MODE = 0o600;

export interface Door {
  /** Accepts nothing more, and cuts requests that are under way. Never rejects. */
  close(): Promise<void>;
}

/**
 * Serves the operators' interface on a Unix-domain socket in a directory. A socket that a killed central left
 * is replaced; a directory that is missing is made.
 *
 * @returns undefined when another central of the same directory answers there
 * @throws the system's error
 */
export async function openSocketDoor(api: Hono, dir: string): Promise<Door | undefined> {
  const file = join(dir, SOCKET_FILE);
  // A central that only follows a timetable may have no draw yet, and so no folder.
  await mkdir(dir, { recursive: true });
  const way = await wayTo(dir, SOCKET_FILE);
  try {
    if (await answers(way.path)) return undefined;
    await rm(file, { force: true });
    const server = createAdaptorServer({ fetch: api.fetch }) as Server;
    await listening(server, way.path);
    // Until here nobody else can connect either: that takes the right to write, which umask takes away.
    await chmod(file, SOCKET_MODE);
    const { ino } = await stat(file);
    server.unref();
    return { close: () => closed(server, file, ino) };
  } finally {
    await way.close();
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

/** @param ino of our socket: the file may be a successor's by now */
async function closed(server: Server, file: string, ino: number): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  const found = await stat(file).catch(() => undefined);
  if (found?.ino === ino) await rm(file, { force: true }).catch(() => undefined);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
