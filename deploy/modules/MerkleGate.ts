import { buildModule } from "@nomicfoundation/ignition-core";

/** The gate of one round's list. */
export default buildModule("MerkleGate", (module) => ({
  merkleGate: module.contract("MerkleGate", [module.getParameter("root"), module.getParameter("roundId")]),
}));
