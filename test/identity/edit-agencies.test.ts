import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseDocument, stringify } from "yaml";
import { type AgencyEntry, readAgencyDirectory } from "../../src/identity/agencies-file.ts";
import { cutAgencies } from "../../src/identity/agencies-text.ts";
import { type Edit, editAgencies, NEW_FILE } from "../../src/identity/edit-agencies.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";

const PATH = "agencies.yaml";
const A = "a".repeat(64);
const B = "b".repeat(64);
const C = "c".repeat(64);
const id = (agency: number): AgencyId => agency as AgencyId;

const read = async (text: string): Promise<AgencyEntry[]> => [
  ...(await readAgencyDirectory(PATH, text)).all(),
];
const edit = (text: string, change: Edit): Promise<string> => editAgencies(PATH, text, change);

const FILE = `# Province of Salta
agencies: # sorted by number
    # the oldest
    - name:   'Uno'   # renamed in 2025
      agency: 1
      certificates: [ ${A} ]   # until May
      limits: {connections: 3}

    # on probation
    - agency: 2
      name: >-
        Dos de
        Mayo
      enabled: true  # since June
      tokens:
      # the first one
      - ${B}

    # the youngest
    - agency: 11
      name: Once
# end
`;

describe("an edit of agencies.yaml", () => {
  it("adds an agency at the end, and changes no other byte", async () => {
    const edited = await edit(FILE, {
      kind: "add",
      agency: id(12),
      name: 'A "b": #c',
      token: C,
    });
    assert.equal(
      edited,
      `${FILE}    - agency: 12
      name: "A \\"b\\": #c"
      tokens:
        - "${C}"
`,
    );
  });

  it("begins a file, also one that lists nobody, and keeps what it says", async () => {
    const add: Edit = { kind: "add", agency: id(1), name: "Uno" };
    for (const text of [
      NEW_FILE,
      "agencies: []",
      "# x\nagencies: [] # none yet\n",
      "---\nagencies: # none yet",
      "agencies:\n  # none yet\n",
    ]) {
      const edited = await edit(text, add);
      assert.equal((await read(edited)).length, 1, text);
      const comments = text.match(/# .*/g) ?? [];
      for (const comment of comments) assert.ok(edited.includes(comment), edited);
    }
  });

  it("adds a second proof beside the first, and drops the first one later", async () => {
    const second: Edit = { kind: "rotate", agency: id(1), list: "certificates", proof: C };
    const both = await edit(FILE, second);
    assert.deepEqual((await read(both))[0]?.certificates, [A, C]);
    const finish: Edit = { kind: "finish", agency: id(1), list: "certificates" };
    assert.deepEqual((await read(await edit(both, finish)))[0]?.certificates, [C]);
    const back = await edit(both, { ...finish, keep: A });
    assert.deepEqual((await read(back))[0]?.certificates, [A]);
    const comments = FILE.match(/# .*/g) ?? [];
    for (const text of [both, back]) {
      for (const comment of comments) assert.ok(text.includes(comment), `${comment}\n${text}`);
    }
  });

  it("disables and enables an agency, and keeps the comment of the value", async () => {
    const off = await edit(FILE, { kind: "enable", agency: id(2), enabled: false });
    assert.ok(off.includes("enabled: false # since June"), off);
    assert.deepEqual(
      await read(await edit(off, { kind: "enable", agency: id(2), enabled: true })),
      [...(await read(FILE))],
    );
    const one = await edit(FILE, { kind: "enable", agency: id(11), enabled: false });
    assert.equal((await read(one))[2]?.enabled, false);
    assert.ok(one.endsWith("# end\n"));
  });

  const REFUSED: readonly (readonly [title: string, edit: Edit, message: string])[] = [
    [
      "adds an agency that is listed",
      { kind: "add", agency: id(2), name: "x" },
      "Cannot add agency 2: agencies.yaml lists it already",
    ],
    [
      "adds a name that hides something",
      { kind: "add", agency: id(3), name: "a\u200Bb" },
      "Cannot add agency 3: it cannot have this name; allowed: up to 255 bytes that can be seen, and no token",
    ],
    [
      "adds a certificate of another agency",
      { kind: "add", agency: id(3), name: "x", certificate: A },
      "Cannot add to the certificates of agency 3: agency 1 has the same already",
    ],
    [
      "rotates to the certificate that is there",
      { kind: "rotate", agency: id(1), list: "certificates", proof: A },
      "Cannot add to the certificates of agency 1: it has the same already",
    ],
    [
      "changes an agency that is not listed",
      { kind: "enable", agency: id(3), enabled: true },
      "Cannot change agency 3: agencies.yaml does not list it; add it first",
    ],
    [
      "ends a change when there is nothing",
      { kind: "finish", agency: id(1), list: "tokens" },
      "Cannot end the change of the tokens of agency 1: it has none",
    ],
    [
      "ends a change that was not begun",
      { kind: "finish", agency: id(2), list: "tokens" },
      "Cannot end a change of the tokens of agency 2: it has only one",
    ],
    [
      "keeps a certificate that is not listed",
      { kind: "finish", agency: id(1), list: "certificates", keep: C },
      "Cannot end the change of the certificates of agency 1: the one to keep is not among them",
    ],
  ];
  for (const [title, change, message] of REFUSED) {
    it(`is refused when it ${title}`, async () => {
      await assert.rejects(edit(FILE, change), { code: "AGENCIES_UNCHANGED", message });
    });
  }

  it("is refused when an agency would have three proofs", async () => {
    const rotate = { kind: "rotate", agency: id(11), list: "tokens" } as const;
    const one = await edit(FILE, { ...rotate, proof: A });
    const two = await edit(one, { ...rotate, proof: C });
    await assert.rejects(edit(two, { ...rotate, proof: "d".repeat(64) }), {
      code: "AGENCIES_UNCHANGED",
      message:
        "Cannot add to the tokens of agency 11: it has 2, the most; end the last change with --finish first",
    });
  });

  it("is refused when the file is wrong already", async () => {
    const change: Edit = { kind: "enable", agency: id(1), enabled: false };
    await assert.rejects(edit(`${FILE}x: 1\n`, change), { code: "CONFIG_INVALID" });
  });

  it("says what was meant, of this agency alone, in any form, or is refused", async () => {
    const hex = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    const entries = fc.uniqueArray(
      fc.record(
        {
          agency: fc.integer({ min: 1, max: 30 }),
          name: fc.constantFrom("Uno", "x: y", "#a", "- b", "a 'b' \"c\"", "x\\y", " lead", "1"),
          enabled: fc.boolean(),
          certificates: fc.array(hex, { maxLength: 2 }),
          tokens: fc.array(hex, { maxLength: 2 }),
        },
        { requiredKeys: ["agency", "name"] },
      ),
      { selector: ({ agency }) => agency, maxLength: 5 },
    );
    const style = fc.record({
      indent: fc.integer({ min: 1, max: 4 }),
      indentSeq: fc.boolean(),
      collectionStyle: fc.constantFrom<("any" | "block")[]>("any", "block"),
      defaultStringType: fc.constantFrom<("PLAIN" | "QUOTE_SINGLE" | "BLOCK_LITERAL")[]>(
        "PLAIN",
        "QUOTE_SINGLE",
        "BLOCK_LITERAL",
      ),
      defaultKeyType: fc.constant("PLAIN" as const),
    });
    const agency = fc.integer({ min: 1, max: 31 }).map(id);
    const list = fc.constantFrom<("certificates" | "tokens")[]>("certificates", "tokens");
    const edits: fc.Arbitrary<Edit> = fc.oneof(
      fc.record({
        kind: fc.constant("add" as const),
        agency,
        name: fc.constant("New"),
        token: hex,
      }),
      fc.record({ kind: fc.constant("rotate" as const), agency, list, proof: hex }),
      fc.record({ kind: fc.constant("finish" as const), agency, list }),
      fc.record({ kind: fc.constant("enable" as const), agency, enabled: fc.boolean() }),
    );
    const forms = fc.record({
      crlf: fc.boolean(),
      comments: fc.boolean(),
      unfinished: fc.boolean(),
    });
    let done = 0;
    await fc.assert(
      fc.asyncProperty(entries, style, edits, forms, async (agencies, style, change, form) => {
        let text = stringify({ agencies }, style);
        // The library itself writes an empty list in a place where it cannot be.
        fc.pre(parseDocument(text).errors.length === 0);
        if (form.comments) text = text.replaceAll(/^( *)- agency/gm, "$1# c\n\n$1- agency");
        if (form.crlf) text = text.replaceAll("\n", "\r\n");
        if (form.unfinished) text = text.trimEnd();
        const before = await read(text);
        let edited: string;
        try {
          edited = await edit(text, change);
        } catch (error) {
          assert.ok(error instanceof Error && "code" in error);
          assert.equal(error.code, "AGENCIES_UNCHANGED", error.message);
          assert.doesNotMatch(error.message, /unusual/);
          return;
        }
        done++;
        const others = (all: readonly AgencyEntry[]): AgencyEntry[] =>
          all.filter((one) => one.agency !== change.agency);
        const after = await read(edited);
        assert.deepEqual(others(after), others(before));
        const [old, now] = [before, after].map((all) =>
          all.find((one) => one.agency === change.agency),
        );
        assert.deepEqual(now, expectedOf(old, change));
        // The text of every other agency is as it was.
        for (const piece of cutAgencies(text).pieces) {
          const whose = /agency: (\d+)/.exec(piece.text)?.[1];
          if (whose !== String(change.agency)) {
            assert.ok(edited.includes(piece.text), `${piece.text}\n${edited}`);
          }
        }
        assert.equal(edited.match(/# c$/gm)?.length, text.match(/# c$/gm)?.length);
        if (form.crlf && /\n/.test(text)) assert.doesNotMatch(edited, /[^\r]\n/);
      }),
      { numRuns: 400 },
    );
    assert.ok(done > 50, `${done} edits were made`);
  });
});

function expectedOf(old: AgencyEntry | undefined, change: Edit): AgencyEntry {
  if (change.kind === "add") {
    const tokens = change.token === undefined ? [] : [change.token];
    const { agency, name } = change;
    return { agency, name, enabled: true, certificates: [], tokens, limits: {} };
  }
  assert.ok(old);
  if (change.kind === "enable") return { ...old, enabled: change.enabled };
  const proofs = old[change.list];
  return {
    ...old,
    [change.list]: change.kind === "rotate" ? [...proofs, change.proof] : proofs.slice(-1),
  };
}
