import assert from "node:assert/strict";
import { it } from "node:test";
import { findMarkers } from "./find-markers.ts";

const bets = (agency: number, ...documents: string[]) => [
  {
    lines: Buffer.from(
      documents.map((document) => `${agency},A,"B, C",${document},1990-01-31,7\r\n`).join(""),
    ),
  },
];

it("markers are documents that only one agency has, each once", () => {
  assert.deepEqual(
    findMarkers([
      bets(1, "30000001", "30000002", "30000001"),
      [...bets(2, "30000002"), ...bets(2, "30000003")],
      [],
    ]),
    [["30000001"], ["30000003"], []],
  );
});

it("a document that is inside a document of another agency is no marker", () => {
  assert.deepEqual(findMarkers([bets(1, "1234567", "7654321"), bets(2, "4123456700")]), [
    ["7654321"],
    ["4123456700"],
  ]);
  assert.deepEqual(findMarkers([bets(1, "123456", "1234567")]), [["123456", "1234567"]]);
});

it("a document that may be in other bytes by chance is no marker", () => {
  assert.deepEqual(findMarkers([bets(1, "12345", "123456")]), [["123456"]]);
});
