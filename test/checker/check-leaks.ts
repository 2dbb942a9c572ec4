import { latin1 } from "./canonical-lines.ts";
import type { ClientEvidence } from "./evidence.ts";
import type { Report } from "./violation.ts";

/** Searches the bytes that each client received for marks of the others. */
export function checkLeaks(clients: readonly ClientEvidence[], report: Report): void {
  for (const client of clients) {
    const marks = marksOfOthers(client, clients);
    for (const [connection, bytes] of client.received.entries()) {
      const text = latin1(bytes);
      for (const [length, owners] of marks) {
        // Every piece of that length is looked up: there are far more marks than bytes received.
        for (let at = 0; at + length <= text.length; at++) {
          const owner = owners.get(text.slice(at, at + length));
          if (owner === undefined) continue;
          const what = `${JSON.stringify(owner.marker)} of agency ${owner.agency}`;
          report("leak", `connection ${connection + 1}, byte ${at}: ${what}`, client.agency);
        }
      }
    }
  }
}

interface Owner {
  readonly agency: number;
  readonly marker: string;
}

/** By length in bytes, then by the bytes themselves. */
function marksOfOthers(
  client: ClientEvidence,
  clients: readonly ClientEvidence[],
): Map<number, Map<string, Owner>> {
  const marks = new Map<number, Map<string, Owner>>();
  for (const { agency, markers } of clients) {
    if (agency === client.agency) continue;
    for (const marker of markers) {
      for (const form of formsOf(marker, client.binaryDocuments === true)) {
        const owners = marks.get(form.length) ?? new Map<string, Owner>();
        owners.set(form, { agency, marker });
        marks.set(form.length, owners);
      }
    }
  }
  return marks;
}

function formsOf(marker: string, binary: boolean): string[] {
  const forms = [latin1(Buffer.from(marker, "utf8"))];
  if (binary && /^[0-9]+$/.test(marker) && Number(marker) < 2 ** 32) {
    const integer = Buffer.alloc(4);
    integer.writeUInt32BE(Number(marker));
    forms.push(latin1(integer));
  }
  return forms;
}
