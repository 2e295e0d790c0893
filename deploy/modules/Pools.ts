import { buildModule } from "@nomicfoundation/ignition-core";

/** What rounds rest on: the stewards' timelock, a registry behind it, a factory of rounds, the gate for everybody. */
export default buildModule("Pools", (module) => {
  // Anybody may execute what was proposed and has waited: an executor of zero.
  const anyone = "0x0000000000000000000000000000000000000000";
  const stewards = module.contract("TimelockController", [
    module.getParameter("stewardsDelay"),
    module.getParameter("proposers"),
    [anyone],
    anyone,
  ]);
  const registry = module.contract("ProjectRegistry", [
    module.getParameter("depositToken"),
    module.getParameter("applicationDeposit"),
    module.getParameter("challengeWindow"),
    module.getParameter("decisionWindow"),
    module.getParameter("payoutDelay"),
    stewards,
  ]);
  const factory = module.contract("DonationPoolFactory", [module.getParameter("channels")]);
  const openGate = module.contract("OpenGate");
  return { stewards, registry, factory, openGate };
});
