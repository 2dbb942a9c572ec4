import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recogniseColonLines } from "../../../../src/protocols/dialects/colon-lines/dialect.ts";
import { recordedFolders, readConnections, sentBy } from "../../transcript.ts";

const cases: [string, "yes" | "no" | "more"][] = [
  ["", "more"],
  ["1", "more"],
  ["12345", "more"],
  ["1:", "yes"],
  ["1:4:", "yes"],
  ["1:5\r", "yes"],
  ["1:4\r\n", "yes"],
  ["12345:A", "yes"],
  ["1:Ñ", "yes"],
  ["1:,", "yes"],
  ["1:3M", "yes"],
  ["00000000000000000001:4:", "yes"],
  ["000000000000000000001", "no"],
  ["1\n", "no"],
  ["1;", "no"],
  [":4:", "no"],
  ["a:4:", "no"],
  ["1:\0", "yes"],
  ["\r\n", "no"],
  ["\0\0\0\x01", "no"],
];

describe("a connection that begins", () => {
  for (const [head, recognition] of cases) {
    it(`with ${JSON.stringify(head)}: ${recognition}`, () => {
      assert.equal(recogniseColonLines(Buffer.from(head)), recognition);
    });
  }

  it("as a recorded client's is recognised, and never denied before", () => {
    for (const folder of recordedFolders("colon-lines")) {
      for (const connection of readConnections("colon-lines", folder)) {
        const bytes = sentBy(connection, "client");
        const answers = Array.from({ length: 6 }, (_, size) =>
          recogniseColonLines(bytes.subarray(0, size)),
        );
        const decided = answers.indexOf("yes");
        assert.ok(decided > 0, connection.name);
        assert.deepEqual(
          answers,
          answers.map((_, size) => (size < decided ? "more" : "yes")),
        );
      }
    }
  });
});
