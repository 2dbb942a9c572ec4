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
 * What can be seen only in the bytes of a row, before they are cut into fields. To be asked about rows
 * that are bad: it then says why.
 */
export function rawComplaint(row: Buffer): Complaint | undefined {
  const text = row.toString("utf8");
  if (text.endsWith("\r\r\n")) return DOUBLE_CR;
  if (text.replace(/\r?\n$/, "").includes("\r")) return LONE_CR;
  if (!text.startsWith(BYTE_ORDER_MARK)) return undefined;
  const reason = invisibleEdge(BYTE_ORDER_MARK) ?? "";
  return { flaw: { field: "firstName", reason }, advice: "remove it and run again" };
}
