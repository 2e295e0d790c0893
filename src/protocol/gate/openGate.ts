import type { Hex } from "viem";

/** What an `OpenGate` asks for: anything. None at all would be giving without matching. */
export const openGateData: Hex = "0x01";
