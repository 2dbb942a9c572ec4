import { createHash } from "node:crypto";
import { latin1, linesFlaw, splitLines } from "./canonical-lines.ts";
import type { ActEvidence } from "./evidence.ts";
import type { FoundRecord } from "./read-ledger.ts";
import type { Report } from "./violation.ts";

export interface StoredBatch {
  readonly sequence: number;
  /** The batch's bytes, one character each. */
  readonly text: string;
  /** Its lines without their ends. */
  readonly lines: readonly string[];
}

/** What the ledger has of one agency. */
export interface Account {
  readonly batches: StoredBatch[];
  bets: number;
  /** 64 hex digits. */
  head: string;
  done: boolean;
  /** The draw went on without the agency. */
  closedOut: boolean;
}

/** What an operator or the clock did: the JSON of its record. */
export type FoundAct = Readonly<Record<string, unknown>>;

export interface Recount {
  /** Accounts of every agency of the draw, and of any other that has records. */
  readonly accounts: ReadonlyMap<number, Account>;
  /** The seal as it must be, once there is a record of it. */
  readonly seal: string | undefined;
  /** Records that say that the draw was performed. */
  readonly draws: number;
  /** Records that say that the draw was told. */
  readonly told: number;
  /** What operators and the clock did, in this order. */
  readonly acts: readonly FoundAct[];
  readonly cancelled: boolean;
  /** Every bet in the order of acceptance, as `bets.csv` must have them. */
  readonly bets: Buffer;
}

interface Draw {
  readonly draw: string;
  readonly winningNumber: number;
  readonly agencies: number;
  readonly numberTold?: boolean | undefined;
  readonly closesAtMs?: number | undefined;
  readonly secondOperator?: boolean | undefined;
  readonly actsDone?: readonly ActEvidence[] | undefined;
}

/** Goes through the records in their order, and checks each against all records before it. */
export function recount(records: readonly FoundRecord[], draw: Draw, report: Report): Recount {
  const accounts = new Map<number, Account>();
  for (let agency = 1; agency <= draw.agencies; agency++) accounts.set(agency, newAccount());
  let seal: string | undefined;
  let draws = 0;
  let told = 0;
  const acts = new Acts(accounts, draw, report);
  for (const record of records) {
    const { kind, agency } = record;
    switch (kind) {
      case "batch":
        enterBatch(record, account(accounts, record, draw, report), over(), report);
        break;
      case "done":
        enterDone(record, account(accounts, record, draw, report), over(), report);
        break;
      case "seal": {
        if (seal !== undefined) report("seal", `${place(record)}: sealed once more`);
        if (acts.cancelled) report("seal", `${place(record)}: sealed, and cancelled`);
        seal = sealOf(draw, accounts, acts);
        checkSeal(record, draw, accounts, seal, report);
        break;
      }
      case "act":
        acts.enter(record, seal !== undefined);
        break;
      case "draw":
        draws++;
        if (draw.numberTold === true && !acts.numberKnown) {
          report("draws", `${place(record)}: drawn before anybody told the number`);
        }
        if (seal === undefined) report("draws", `${place(record)}: drawn, and not sealed`);
        else if (record.head !== seal) report("seal", `${place(record)}: drawn under another seal`);
        if (record.body.toString("hex") !== hexU32(draw.winningNumber)) {
          report("draws", `${place(record)}: drawn with another winning number`);
        }
        if (agency !== 0) report("chain", `${place(record)}: a draw of agency ${agency}`);
        break;
      case "told":
        told++;
        if (draws === 0) report("draws", `${place(record)}: told of, and not drawn`);
        if (told > 1) report("draws", `${place(record)}: told of once more`);
        if (seal !== undefined && record.head !== seal) {
          report("seal", `${place(record)}: told of under another seal`);
        }
        if (agency !== 0 || record.sequence !== 0 || record.count !== 0 || record.body.length > 0) {
          report("chain", `${place(record)}: not the record of a draw that was told of`);
        }
        break;
      case "unknown":
        report("chain", `${place(record)}: a record of no kind that there is`);
        break;
      default:
        return kind satisfies never;
    }
  }
  const bodies = records.filter(({ kind }) => kind === "batch").map(({ body }) => body);
  const { found, cancelled } = acts;
  acts.expectAll();
  return { accounts, seal, draws, told, acts: found, cancelled, bets: Buffer.concat(bodies) };

  function over(): boolean {
    return seal !== undefined || acts.closed || acts.cancelled;
  }
}

/** The acts of a draw as they must be, one after the other. */
class Acts {
  readonly found: FoundAct[] = [];
  head = "00".repeat(32);
  closed = false;
  cancelled = false;
  numberKnown = false;
  readonly #accounts: ReadonlyMap<number, Account>;
  readonly #draw: Draw;
  readonly #report: Report;

  constructor(accounts: ReadonlyMap<number, Account>, draw: Draw, report: Report) {
    this.#accounts = accounts;
    this.#draw = draw;
    this.#report = report;
  }

  enter(record: FoundRecord, sealed: boolean): void {
    const say = (text: string): void => this.#report("acts", `${place(record)}, act: ${text}`);
    const { sequence, count, head, body, agency } = record;
    if (sequence !== this.found.length + 1) say(`${this.found.length + 1} is next`);
    const linked = nextHead(this.head, sequence, 0, body);
    if (head !== linked) say(`its head is ${head}, not ${linked}`);
    if (agency !== 0 || count !== 0) say("not an act's");
    this.head = head;
    const act = JSON.parse(body.toString("utf8")) as FoundAct;
    this.found.push(act);
    const afterSeal = ["propose-number", "tell-number", "run"].includes(String(act["act"]));
    if (sealed !== afterSeal) say(`${String(act["act"])} ${sealed ? "after" : "before"} the seal`);
    if (this.cancelled || (this.closed && !afterSeal)) say("after the end");
    this.#apply(act, say);
  }

  /** What was answered as done is recorded. */
  expectAll(): void {
    for (const { act, agency, number, by } of this.#draw.actsDone ?? []) {
      const times = this.found.filter(
        (one) =>
          one["act"] === act &&
          one["by"] === by &&
          one["agency"] === agency &&
          one["number"] === number,
      ).length;
      const which = [act, agency ?? number ?? ""].join(" ").trim();
      if (times === 0)
        this.#report("acts", `${which} by ${by} was answered as done, and is not recorded`);
    }
  }

  #apply(act: FoundAct, say: (text: string) => void): void {
    switch (act["act"]) {
      case "open":
        if (this.found.length > 1) say("opened twice");
        break;
      case "close":
        if (act["by"] === "(clock)" && !this.#isOver(act)) say("before its time");
        this.closed = true;
        for (const account of this.#accounts.values()) account.closedOut = !account.done;
        break;
      case "close-out": {
        const account = this.#accounts.get(Number(act["agency"]));
        if (account === undefined || account.done || account.closedOut) say("nobody to close out");
        else account.closedOut = true;
        break;
      }
      case "cancel":
        this.cancelled = true;
        break;
      case "tell-number":
        if (this.numberKnown || this.#draw.numberTold !== true) say("its number was known");
        if (act["number"] !== this.#draw.winningNumber) say("another number than the draw's");
        if (this.#draw.secondOperator === true && !this.#wasProposed(act)) {
          say("no other operator has proposed this number");
        }
        this.numberKnown = true;
        break;
      case "propose-number":
      case "run":
        break;
      default:
        say(`no act that there is: ${String(act["act"])}`);
    }
  }

  #isOver(act: FoundAct): boolean {
    return Date.parse(String(act["at"])) >= (this.#draw.closesAtMs ?? Number.POSITIVE_INFINITY);
  }

  /** Whether the last proposal is of this number, by somebody else. */
  #wasProposed({ number, by }: FoundAct): boolean {
    const proposal = this.found.findLast((act) => act["act"] === "propose-number");
    return proposal?.["number"] === number && proposal?.["by"] !== by;
  }
}

export function place({ segment, at }: FoundRecord): string {
  return `segment ${segment} at byte ${at}`;
}

function newAccount(): Account {
  return { batches: [], bets: 0, head: "00".repeat(32), done: false, closedOut: false };
}

function account(
  accounts: Map<number, Account>,
  record: FoundRecord,
  { agencies }: Draw,
  report: Report,
): Account {
  const { agency } = record;
  const known = accounts.get(agency);
  if (known !== undefined) return known;
  report("chain", `${place(record)}: an agency that is not of the draw's ${agencies}`, agency);
  const made = newAccount();
  accounts.set(agency, made);
  return made;
}

function enterBatch(record: FoundRecord, account: Account, sealed: boolean, report: Report): void {
  const { agency, sequence, count, head, body } = record;
  const say = (rule: Parameters<Report>[0], text: string): void =>
    report(rule, `${place(record)}, batch ${sequence}: ${text}`, agency);
  if (sealed) say("late", "entered after the seal");
  else if (account.done) say("late", "entered after the agency's DONE");
  else if (account.closedOut) say("late", "entered after the agency was closed out");
  const expected = account.batches.length + 1;
  if (sequence !== expected) say("chain", `batch ${expected} is next`);
  const linked = nextHead(account.head, sequence, count, body);
  if (head !== linked) say("chain", `its head is ${head}, not ${linked}`);
  const flaw = linesFlaw(body, agency, count);
  if (flaw !== undefined) say("lines", flaw);
  account.batches.push({ sequence, text: latin1(body), lines: splitLines(body) });
  account.bets += count;
  // Goes on with the written head, so that a wrong one is reported once, and not for every batch
  // after it.
  account.head = head;
}

function enterDone(record: FoundRecord, account: Account, sealed: boolean, report: Report): void {
  const { agency, sequence, count, head, body } = record;
  const say = (rule: Parameters<Report>[0], text: string): void =>
    report(rule, `${place(record)}, DONE: ${text}`, agency);
  if (sealed) say("late", "entered after the seal");
  if (account.done) say("done", "the agency was done before");
  if (sequence !== account.batches.length) {
    say("done", `${sequence} batches, where ${account.batches.length} are stored`);
  }
  const bets = body.length === 8 ? Number(body.readBigUInt64BE(0)) : undefined;
  if (bets !== account.bets) say("done", `${bets} bets, where ${account.bets} are stored`);
  if (head !== account.head) say("done", `its head is ${head}, not ${account.head}`);
  if (count !== 0) say("done", `a count of ${count}`);
  account.done = true;
}

function checkSeal(
  record: FoundRecord,
  { agencies }: Draw,
  accounts: ReadonlyMap<number, Account>,
  seal: string,
  report: Report,
): void {
  const say = (text: string): void => report("seal", `${place(record)}: ${text}`);
  for (const [agency, { done, closedOut }] of accounts) {
    if (!done && !closedOut && agency <= agencies) say(`agency ${agency} is not done`);
  }
  if (record.head !== seal) say(`the seal is ${record.head}, not ${seal}`);
  if (record.count !== agencies) say(`${record.count} agencies, not ${agencies}`);
  if (record.agency !== 0 || record.sequence !== 0 || record.body.length > 0) say("not a seal's");
}

/** `SHA-256(head before, sequence u64, count u32, SHA-256(lines))`. */
function nextHead(before: string, sequence: number, count: number, lines: Buffer): string {
  const numbers = Buffer.alloc(12);
  numbers.writeBigUInt64BE(BigInt.asUintN(64, BigInt(sequence)), 0);
  numbers.writeUInt32BE(count, 8);
  const digest = createHash("sha256").update(lines).digest();
  return createHash("sha256").update(before, "hex").update(numbers).update(digest).digest("hex");
}

/** The seal by docs/ledger.md: a Merkle tree over the agencies, and the acts before. */
function sealOf(
  { draw, agencies }: Draw,
  accounts: ReadonlyMap<number, Account>,
  { found, head }: Acts,
): string {
  const leaves: string[] = [];
  for (let agency = 1; agency <= agencies; agency++) {
    const { batches, bets, head, closedOut } = accounts.get(agency) ?? newAccount();
    const line = `agency ${agency} batches ${batches.length} bets ${bets} head ${head}`;
    leaves.push(
      sha256(`00${Buffer.from(closedOut ? `${line} closed-out` : line).toString("hex")}`),
    );
  }
  const text =
    `quiniela/2 seal\ndraw ${draw}\nagencies ${agencies} root ${rootOf(leaves)}\n` +
    `acts ${found.length} head ${head}\n`;
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** As RFC 6962 has it: the left half has the largest power of two that is less than all. */
function rootOf(leaves: readonly string[]): string {
  const [only] = leaves;
  if (only === undefined) return sha256("");
  if (leaves.length === 1) return only;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(`01${rootOf(leaves.slice(0, half))}${rootOf(leaves.slice(half))}`);
}

function sha256(hex: string): string {
  return createHash("sha256").update(hex, "hex").digest("hex");
}

function hexU32(value: number): string {
  return value.toString(16).padStart(8, "0");
}
