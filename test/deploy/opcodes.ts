import { type Hex, hexToBytes } from "viem";

/** Opcodes of the Cancun upgrade and before it, as ranges. Source: the Ethereum execution specification, fork "cancun". */
const cancun: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x0b],
  [0x10, 0x1d],
  [0x20, 0x20],
  [0x30, 0x4a],
  [0x50, 0x5f], // with TLOAD, TSTORE, MCOPY and PUSH0
  [0x60, 0x9f],
  [0xa0, 0xa4],
  [0xf0, 0xf5],
  [0xfa, 0xfa],
  [0xfd, 0xff],
];

/** Opcodes in deployed code that Cancun does not know, each with its offset. Push data and solc's metadata are no code. */
export function opcodesBeyondCancun(deployed: Hex): string[] {
  const code = withoutMetadata(hexToBytes(deployed));
  const found: string[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const opcode = code[at] as number;
    if (!cancun.some(([first, last]) => opcode >= first && opcode <= last)) {
      found.push(`0x${opcode.toString(16)} at ${at}`);
    }
    if (opcode >= 0x60 && opcode <= 0x7f) at += opcode - 0x5f;
  }
  return found;
}

/** Solc appends CBOR and, in the last two bytes, its length. */
function withoutMetadata(code: Uint8Array): Uint8Array {
  const length = ((code.at(-2) ?? 0) << 8) | (code.at(-1) ?? 0);
  const start = code.length - length - 2;
  const isMap = ((code[start] ?? 0) & 0xf0) === 0xa0;
  return start > 0 && isMap ? code.subarray(0, start) : code;
}
