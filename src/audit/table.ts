import { type Address, formatUnits, zeroAddress } from "viem";

/** Names and decimals by token address. */
export type Symbols = Readonly<Record<Address, { symbol: string; decimals: number }>>;

/** A token's symbol, where one was given. */
export function name(token: Address, symbols?: Symbols): string {
  return named(token, symbols)?.symbol ?? (token === zeroAddress ? "native coin" : token);
}

/** An amount in whole units of a named token, else in base units; a question mark for one that is unknown. */
export function amount(value: bigint | undefined, token: Address, symbols?: Symbols): string {
  if (value === undefined) return "?";
  const decimals = named(token, symbols)?.decimals ?? 0;
  return formatUnits(value, decimals);
}

function named(token: Address, symbols: Symbols = {}) {
  return Object.entries(symbols).find(([address]) => address.toLowerCase() === token)?.[1];
}

/** Columns as wide as their widest cell, the first to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, line[column]?.length ?? 0), 0),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
