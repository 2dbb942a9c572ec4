import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import type { Verification } from "../../src/stores/ledger/verify.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";
import { CentralProcess } from "./central-process.ts";

/** Each day has other agencies; the last of each does not come, and is closed out. */
const WEEK = [
  [1, 2],
  [2, 3],
  [5, 6, 7],
  [1, 9],
  [4, 8],
  [10, 11],
  [1, 12],
] as const;

/** Two bets; the second one is on the number that the day will have. */
function betsOf(day: number, agency: number): string {
  return `Ana,Paz,${day}00${agency}1,1999-03-17,1\nEva,Luna,${day}00${agency}2,1999-03-18,${numberOf(day)}\n`;
}

const numberOf = (day: number): number => 1000 + day * 111;

it("a week of draws: other agencies each day, numbers told by hand, a restart a day, every draw verified", async (t) => {
  const dir = await tempDir(t);
  const data = join(dir, "data");
  const file = join(dir, "draws.yaml");
  // With a timetable the central has no draw of its own.
  await writeFile(
    file,
    'draws:\n  - name: nada\n    days: [mon]\n    opens: "00:00"\n    closes: "00:01"\n    agencies: 1\n',
  );
  let central = await CentralProcess.start(t, data, ["--draws-file", file]);
  const { port } = central;
  for (const [index, agencies] of WEEK.entries()) {
    const day = index + 1;
    const draw = `day-${day}`;
    const named = agencies.flatMap((agency) => ["--agency", `${agency}=Agencia ${agency}`]);
    const opened = await central.run("draws", "open", draw, ...named, "--operator", "ana");
    assert.equal(opened.status, 0, opened.stderr);
    const present = agencies.slice(0, -1);
    const runs = present.map((agency) => runAgency(dir, port, day, agency));
    await central.line(
      new RegExp(
        `action: register_done .*done: ${present.length} .*waiting_for: ${agencies.at(-1)}$`,
      ),
    );

    const close = [
      "draws",
      "close",
      draw,
      "--yes",
      "--operator",
      "ana",
      "--reason",
      `night ${day}`,
    ];
    const closed = await central.run(...close);
    assert.equal(closed.status, 0, closed.stderr);
    // Half of the days by a stop, half by a kill; the agencies that wait connect again.
    if (day % 2 === 0) await central.stop();
    else await central.kill();
    central = await CentralProcess.start(t, data, ["--draws-file", file], port);

    const number = String(numberOf(day));
    const told = await central.typeNumber(draw, [number, number], "eva");
    assert.equal(told.status, 0, told.stderr);
    for (const run of await Promise.all(runs)) {
      assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
      assert.match(run.stdout, /consulta_ganadores \| result: success \| cant_ganadores: 1/);
    }
    await central.line(new RegExp(`action: publish_draw .*${draw}$`));
  }
  await central.stop();

  for (const [index, agencies] of WEEK.entries()) {
    const day = index + 1;
    const { status, stdout } = await runCli(["verify", data, "--draw", `day-${day}`, "--json"]);
    assert.equal(status, 0, stdout);
    const verified = JSON.parse(stdout) as Verification;
    assert.deepEqual([verified.state, verified.winningNumber], ["drawn", numberOf(day)]);
    assert.deepEqual(
      verified.agencies.map(({ agency, bets, closedOut, winners }) => ({
        agency,
        bets,
        closedOut,
        winners,
      })),
      agencies.map((agency, at) =>
        at === agencies.length - 1
          ? { agency, bets: 0, closedOut: true, winners: [] }
          : { agency, bets: 2, closedOut: false, winners: [`${day}00${agency}2`] },
      ),
    );
  }
});

async function runAgency(dir: string, port: number, day: number, agency: number): Promise<CliRun> {
  const data = join(dir, `day-${day}-agency-${agency}.csv`);
  await writeFile(data, betsOf(day, agency));
  const server = ["--server", `127.0.0.1:${port}`, "--draw", `day-${day}`];
  return runCli(["agency", "--id", `${agency}`, ...server, "--data", data, "--dialect", "native"]);
}
