import { differencePercent, machine, type Report, type Row } from "./report.ts";

/** The report as a person reads it: each figure beside the one to reach. */
export function formatTable({ bench, work, versions, rows }: Report): string {
  const twice = rows.some((row) => row.anvil !== undefined);
  const cells = [
    ["row", "value", "unit", "to reach", "", ...(twice ? ["on anvil", "difference"] : [])],
    ...rows.map((row) => {
      const once = [row.key, count(row.value), row.unit, count(row.atMost ?? row.atLeast), verdict(row)];
      return twice ? [...once, count(row.anvil), percent(row)] : once;
    }),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        [1, 3, 5, 6].includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const built = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${[`${bench}: ${work}`, machine(), built.join(", "), "", ...cells.map(line)].join("\n")}\n`;
}

function verdict({ value, atMost, atLeast }: Row): string {
  if (atLeast !== undefined)
    return value < atLeast ? `NOT met, -${count(atLeast - value)}` : `met, +${count(value - atLeast)}`;
  if (atMost === undefined) return "";
  const difference = value - atMost;
  return difference > 0 ? `NOT met, +${count(difference)}` : `met, ${difference === 0 ? "±0" : count(difference)}`;
}

function percent(row: Row): string {
  const difference = differencePercent(row);
  return difference === undefined ? "" : `${difference.toFixed(3)} %`;
}

function count(value: number | undefined): string {
  return value === undefined ? "" : value.toLocaleString("en-US");
}
