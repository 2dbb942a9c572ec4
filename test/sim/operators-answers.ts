import type { MemoryDisk } from "../support/disk-memory.ts";
import type { DrawScript } from "./cast.ts";
import {
  type ActFound,
  actsIn,
  holdsDone,
  isCancelled,
  isClosedOut,
  isOverFor,
  sealIn,
} from "./durable.ts";
import type { Asked, Outcome, Wish } from "./operators.ts";

/**
 * Compares the answer that something is done, now or before, with what a power cut would leave.
 *
 * @param now it was done by this question
 * @returns what is not so; undefined when all is
 */
export function isSo(disk: MemoryDisk, wish: Wish, now: boolean): string | undefined {
  const { script, deed, by } = wish;
  const { name } = script.plan;
  const acts = actsIn(disk, name);
  const recorded = acts.some((act) => isThisAct(act, wish));
  if (now && !recorded) return "a power cut now would lose the act";
  switch (deed.kind) {
    case "open":
      return acts.length > 0 ? undefined : "a power cut now would lose the draw";
    case "close":
      return sealIn(disk, name) === undefined ? "a power cut now would lose the seal" : undefined;
    case "cancel":
      return isCancelled(disk, name) ? undefined : "it is not cancelled";
    case "close-out": {
      const { agency } = deed;
      const over = holdsDone(disk, name, agency) || isClosedOut(disk, name, agency);
      return over ? undefined : `the draw waits for agency ${agency}`;
    }
    case "propose-number":
    case "tell-number": {
      if (sealIn(disk, name) === undefined) return "the draw is not sealed";
      const known = script.plan.winningNumber;
      const number = known ?? acts.find(({ act }) => act === "tell-number")?.number;
      const proposed = deed.kind === "propose-number" && recorded;
      if (number !== deed.number && !proposed) return `the number is ${number ?? "unknown"}`;
      return now && deed.kind === "tell-number" ? toldWrongly(acts, wish, by) : undefined;
    }
    case "run": {
      const free = script.plan.byOperator !== true;
      return free || acts.some(({ act }) => act === "run") ? undefined : "nobody has let it run";
    }
    default:
      return deed satisfies never;
  }
}

/** With two operators the first must be another one, and must have told the same number. */
function toldWrongly(acts: readonly ActFound[], wish: Wish, by: string): string | undefined {
  if (wish.script.plan.secondOperator !== true) return undefined;
  const proposal = acts.findLast(({ act }) => act === "propose-number");
  const told = acts.find(({ act }) => act === "tell-number");
  if (proposal === undefined) return "nobody has proposed a number";
  if (proposal.by === by) return "the same operator has proposed it";
  return proposal.number === told?.number ? undefined : "another number was proposed";
}

function isThisAct(found: ActFound, { deed, by }: Wish): boolean {
  return (
    found.act === deed.kind &&
    found.by === by &&
    (!("agency" in deed) || found.agency === deed.agency) &&
    (!("number" in deed) || found.number === deed.number)
  );
}

function waitsForNobody(disk: MemoryDisk, { plan }: DrawScript): boolean {
  for (let agency = 1; agency <= plan.agencies; agency++) {
    if (!isOverFor(disk, plan.name, agency)) return false;
  }
  return true;
}

/** @returns why this refusal is wrong; undefined when it is right, or may be */
export function unexcused(
  disk: MemoryDisk,
  { script, deed }: Wish,
  why: NonNullable<Outcome>,
  asked: Asked,
): string | undefined {
  const { name, closesAtMs } = script.plan;
  const sealed = sealIn(disk, name, "written") !== undefined;
  switch (why) {
    case "not-sealed":
      return asked.sealed ? "the draw was sealed" : undefined;
    case "cancelled":
      return isCancelled(disk, name) ? undefined : "it is not cancelled";
    case "not-open":
      return sealed || waitsForNobody(disk, script) ? undefined : "it is open";
    case "number-known":
      return "number" in deed && deed.number !== script.number ? undefined : "this is the number";
    case "other-number":
      return "number" in deed && deed.number !== script.number ? undefined : "it was proposed so";
    case "number-unknown":
    case "not-proposed":
    case "same-operator":
      return asked.cancelled ? "the draw was cancelled" : undefined;
    case "closes-in-past":
      return closesAtMs === undefined ? "it never closes by itself" : undefined;
    case "not-open-yet":
      return asked.held ? "it was open" : undefined;
    default:
      return "nothing of the kind may happen here";
  }
}
