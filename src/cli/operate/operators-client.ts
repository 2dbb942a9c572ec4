import { request } from "node:http";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { SOCKET_FILE } from "../../http/socket-door.ts";
import { wayTo } from "../../stores/disk/socket-way.ts";
import { CommandFailure } from "../exit-status.ts";

/** How long a command waits for an answer: a draw of millions of winners takes seconds. */
const TIMEOUT_MS = 60_000;

/** The operators' interface of the central that runs on a data directory. */
export class OperatorsClient {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = resolve(dir);
  }

  get<T>(path: string): Promise<T> {
    return this.#ask("GET", path, undefined) as Promise<T>;
  }

  /** @throws CommandFailure when it is refused, with the central's own words */
  post<T>(path: string, body: Readonly<Record<string, unknown>>): Promise<T> {
    return this.#ask("POST", path, body) as Promise<T>;
  }

  async #ask(method: string, path: string, body: unknown): Promise<unknown> {
    const way = await wayTo(this.dir, SOCKET_FILE).catch((error: unknown) =>
      this.#noCentral(error),
    );
    try {
      const { status, text } = await exchange(way.path, method, `/api/v1${path}`, body).catch(
        (error: unknown) => this.#noCentral(error),
      );
      const value = JSON.parse(text) as { error?: string; message?: string };
      if (status < 300) return value;
      throw new CommandFailure(`${value.error ?? status}: ${value.message ?? text}`);
    } finally {
      await way.close();
    }
  }

  #noCentral(error: unknown): never {
    const { code, message } = error as NodeJS.ErrnoException;
    switch (code) {
      case "ENOENT":
      case "ECONNREFUSED":
      case "ENOTDIR":
        throw new CommandFailure(
          `No central runs on ${this.dir}: nothing answers at its ${SOCKET_FILE}; start one there, or name its data folder with --data-dir`,
        );
      case "EACCES":
        throw new CommandFailure(
          `Cannot reach the central on ${this.dir}: only the user who runs it may write to its ${SOCKET_FILE}`,
        );
      default:
        throw new CommandFailure(`Cannot reach the central on ${this.dir}: ${message}`);
    }
  }
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const options = { socketPath, method, path, headers, agent: false, timeout: TIMEOUT_MS };
    const asking = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    asking.on("timeout", () => asking.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    asking.on("error", reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Who runs the command, unless `--operator` says it. */
export function operatorName(): string {
  return process.env["SUDO_USER"] ?? userInfo().username;
}
