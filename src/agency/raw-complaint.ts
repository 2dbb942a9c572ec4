import { invisibleEdge } from "./invisible-edge.ts";
import { type Complaint, LONE_CR } from "./row.ts";

const BYTE_ORDER_MARK = "\ufeff";

const DOUBLE_CR: Complaint = {
  flaw: {
    field: "line",
    reason: "ends in CR CR LF: saved twice by a program that adds CR",
  },
  advice: "convert the file's line ends to LF or CR LF",
};

/**
 * What is wrong with the bytes of a bad row, before they are cut into fields. Call it only for rows that are
 * known to be bad.
 */
export function rawComplaint(row: Buffer): Complaint | undefined {
  const text = row.toString("utf8");
  if (text.endsWith("\r\r\n")) return DOUBLE_CR;
  if (text.replace(/\r?\n$/, "").includes("\r")) return LONE_CR;
  if (!text.startsWith(BYTE_ORDER_MARK)) return undefined;
  const reason = invisibleEdge(BYTE_ORDER_MARK) ?? "";
  return { flaw: { field: "firstName", reason }, advice: "remove it and run again" };
}
