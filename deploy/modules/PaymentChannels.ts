import { buildModule } from "@nomicfoundation/ignition-core";

/** The escrow. Its one parameter, and the salt in hardhat.config.ts, decide its address on every chain. */
export default buildModule("PaymentChannels", (module) => {
  /** Seconds between a close request and `withdraw`: 48 hours. */
  const closeGracePeriod = module.getParameter("closeGracePeriod", 48n * 3600n);
  return { paymentChannels: module.contract("PaymentChannels", [closeGracePeriod]) };
});
