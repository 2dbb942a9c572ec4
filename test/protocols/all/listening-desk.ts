import { type AgencyId, agencyId } from "../../../src/lottery/bet.ts";
import { FIRST_HEAD } from "../../../src/lottery/chain.ts";
import { FLAWS } from "../../../src/lottery/flaw.ts";
import { scanLines } from "../../../src/lottery/scan-lines.ts";
import { FIRST_STANDING } from "../../../src/lottery/standing.ts";
import type { Door } from "../../../src/central/admitter.ts";
import type {
  Counter,
  UnnumberedOffer,
  UnnumberedVerdict,
} from "../../../src/protocols/counter.ts";
import { TODAY } from "../../lottery/arbitrary-bets.ts";

/** What a dialect made of the bytes of a batch. */
export interface Heard {
  readonly agency: number;
  readonly count: number;
  /** Canonical lines, as text. */
  readonly lines: string;
}

export interface ListeningDesk extends Door {
  readonly heard: Heard[];
}

/** A desk that stores nothing, answers as one that does, and tells what it was given; of any agency. */
export function listeningDesk(): ListeningDesk {
  const heard: Heard[] = [];
  return {
    heard,
    admitter: () => ({
      congested: false,
      waitForRoom: () => undefined,
      close: () => undefined,
      admit: ({ agency }) => {
        const known = agencyId(agency);
        return known === undefined ? { kind: "unknown-agency" } : counterOf(known, heard);
      },
    }),
  };
}

function counterOf(agency: AgencyId, heard: Heard[]): Counter {
  const submit = (
    { count, lines }: Pick<UnnumberedOffer, "count" | "lines">,
    settle: (verdict: UnnumberedVerdict) => void,
  ): void => {
    heard.push({ agency, count, lines: Buffer.from(lines).toString() });
    const missing = { ...FLAWS.missing, index: 0 };
    const flaw = count < 1 ? missing : scanLines(lines, agency, count, TODAY);
    setImmediate(() => {
      settle(flaw === undefined ? { kind: "stored", head: FIRST_HEAD } : { kind: "invalid", flaw });
    });
  };
  return {
    kind: "counter",
    agency,
    draw: () => Promise.resolve({ name: "1", state: "open", agencies: 1 }),
    standing: () => Promise.resolve(FIRST_STANDING),
    hold: () => undefined,
    submit: (offer, settle) =>
      submit(offer, (verdict) => {
        if (verdict.kind !== "superseded") settle(verdict);
      }),
    submitUnnumbered: submit,
    done: never,
    results: never,
    resultsNow: never,
    sealShare: never,
  };
}

function never(): Promise<never> {
  return Promise.reject(new Error("This desk only listens"));
}
