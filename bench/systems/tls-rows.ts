import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initAuthority, issueFrom } from "../../src/identity/pki/authority-folder.ts";
import type { Holder, Times } from "../../src/identity/pki/authority.ts";
import { agencyId } from "../../src/lottery/bet.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";
import { startCentral } from "./central.ts";
import { describeShape, loadCentral, type LoadShape, type Measure } from "./central-rows.ts";

const DAY_MS = 86_400_000;

/** Native over TLS, each agency with a certificate of its own, beside the same without TLS. */
export function tlsRows(measure: Measure): Row[] {
  return [5, 100].map((connections) => {
    const shape: LoadShape = { dialect: "native", connections, window: 1 };
    return {
      id: `central/native-tls/${connections}`,
      group: "central",
      title: `native over TLS, ${describeShape(shape)}`,
      against: { base: `central/native/${connections}` },
      run: async (stage) => {
        const { dir, flags } = await makeIdentity(stage, connections);
        // One agency more than the load has, so that the draw stays open.
        const central = await startCentral(stage, { agencies: connections + 1, flags });
        const measured = await loadCentral(stage, central, measure, { ...shape, tls: dir });
        await central.program.stop();
        return measured;
      },
    };
  });
}

/** An authority, certificates of a central and of so many agencies, and the file that lists these. */
async function makeIdentity(
  stage: Stage,
  agencies: number,
): Promise<{ readonly dir: string; readonly flags: Readonly<Record<string, string | number>> }> {
  const dir = join(await stage.folder(), "pki");
  const now = Date.now();
  const times: Times = { from: new Date(now - DAY_MS), until: new Date(now + DAY_MS) };
  await initAuthority(dir, "Bench", times);
  const issue = (holder: Holder) => issueFrom(dir, holder, times, dir);
  const server = await issue({ kind: "server", hosts: ["127.0.0.1"] });
  const entries: string[] = [];
  for (let number = 1; number <= agencies; number++) {
    const agency = agencyId(number);
    if (agency === undefined) throw new RangeError(`No agency has the number ${number}`);
    const { fingerprint } = (await issue({ kind: "agency", agency })).facts;
    entries.push(
      `- agency: ${agency}\n  name: Agency ${agency}\n  certificates: ["${fingerprint}"]\n`,
    );
  }
  const file = join(dir, "agencies.yaml");
  await writeFile(file, `agencies:\n${entries.join("")}`);
  return {
    dir,
    flags: {
      identity: "on",
      "tls-port": 0,
      "tls-cert": server.certificatePath,
      "tls-key": server.keyPath,
      "tls-ca": join(dir, "ca.pem"),
      "agencies-file": file,
    },
  };
}
