import Table from "cli-table3";

const none = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
  "left",
  "left-mid",
  "mid",
  "mid-mid",
  "right",
  "right-mid",
];

/** Rows under a head, in columns, without borders. */
export function table(head: string[], rows: string[][]): string {
  const lines = new Table({
    head,
    style: { head: [], "padding-left": 0, "padding-right": 2 },
    chars: { ...Object.fromEntries(none.map((part) => [part, ""])), middle: "" },
  });
  lines.push(...rows);
  return lines.toString();
}
