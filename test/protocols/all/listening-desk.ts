import type { UnnumberedBatch } from "../../../src/lottery/batch.ts";
import { agencyId } from "../../../src/lottery/bet.ts";
import { FIRST_HEAD } from "../../../src/lottery/chain.ts";
import { FLAWS } from "../../../src/lottery/flaw.ts";
import { scanLines } from "../../../src/lottery/scan-lines.ts";
import { FIRST_STANDING } from "../../../src/lottery/standing.ts";
import type { Desk, DeskVerdict } from "../../../src/protocols/desk.ts";
import { TODAY } from "../../lottery/arbitrary-bets.ts";

/** What a dialect made of the bytes of a batch. */
export interface Heard {
  readonly agency: number;
  readonly count: number;
  /** Canonical lines, as text. */
  readonly lines: string;
}

export interface ListeningDesk extends Desk {
  readonly heard: Heard[];
}

/** A desk that stores nothing, answers as one that does, and tells what it was given; of any agency. */
export function listeningDesk(): ListeningDesk {
  const heard: Heard[] = [];
  const draw = { name: "1", state: "open", agencies: 1 } as const;
  const submit = (
    { agency, count, lines }: Pick<UnnumberedBatch, "agency" | "count" | "lines">,
    settle: (verdict: DeskVerdict) => void,
  ): void => {
    heard.push({ agency, count, lines: Buffer.from(lines).toString() });
    const missing = { ...FLAWS.missing, index: 0 };
    const flaw = count < 1 ? missing : scanLines(lines, agency, count, TODAY);
    setImmediate(() => {
      settle(flaw === undefined ? { kind: "stored", head: FIRST_HEAD } : { kind: "invalid", flaw });
    });
  };
  return {
    heard,
    congested: false,
    whenRoom: (callback) => callback(),
    view: () => Promise.resolve(draw),
    known: agencyId,
    attend(agency) {
      const known = agencyId(agency);
      return Promise.resolve(
        known === undefined
          ? { kind: "unknown-agency" }
          : {
              kind: "welcome",
              agency: known,
              draw,
              standing: FIRST_STANDING,
              hold: () => ({ release: () => undefined }),
            },
      );
    },
    submit,
    submitUnnumbered: submit,
    done: never,
    results: never,
    resultsNow: never,
  };
}

function never(): Promise<never> {
  return Promise.reject(new Error("This desk only listens"));
}
