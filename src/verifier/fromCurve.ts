import { type Address, bytesToHex, type Hex } from "viem";
import { hexToBytes } from "../protocol/bytes.ts";
import type { Curve, Verifier, VerifierName } from "./verifier.ts";

/** A verifier made of a curve over bytes: what is text is read and judged here, once for every implementation. */
export function fromCurve(name: VerifierName, curve: Curve): Verifier {
  return {
    name,
    curve,
    async recover(digest, signature) {
      const hash = bytesOf(digest, 32);
      const rsv = bytesOf(signature, 65);
      const key = hash && rsv && (await curve.recoverKey(hash, rsv));
      return key && addressOf(key, curve);
    },
  };
}

/** The account of a public key, x and y, lower case. Source: the Yellow Paper, appendix F. */
export function addressOf(key: Uint8Array, curve: Pick<Curve, "keccak256">): Address {
  return bytesToHex(curve.keccak256(key).subarray(12));
}

function bytesOf(hex: unknown, size: number): Uint8Array | undefined {
  const isHex = typeof hex === "string" && hex.length === 2 + 2 * size && hex.startsWith("0x");
  return isHex ? hexToBytes(hex as Hex) : undefined;
}
