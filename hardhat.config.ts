import { globSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { configVariable, defineConfig } from "hardhat/config";

// The compiler is npm's own build: nothing is downloaded, and the lockfile pins it.
const compiler = {
  version: "0.8.34",
  path: fileURLToPath(new URL("soljson.js", `file://${createRequire(import.meta.url).resolve("solc")}`)),
  settings: {
    viaIR: true,
    evmVersion: "cancun", // one target for every chain, so that one salt gives one address
    optimizer: { enabled: true, runs: 1_000_000 },
    metadata: { bytecodeHash: "none" as const }, // the same source gives the same bytes on every machine
  },
};

// A round is deployed often and has to fit, whole, into the factory that makes it: it is optimised for size.
const small = { ...compiler, settings: { ...compiler.settings, optimizer: { enabled: true, runs: 800 } } };

// What is deployed, the tokens that gas is measured with and what reads as the pool reads take minutes to optimise; tests need not be.
const plain = { ...compiler, settings: { ...compiler.settings, viaIR: false, optimizer: { enabled: false } } };
const optimised = globSync(["contracts/**/*.sol", "test/contracts/{differential,stage,tokens}/*.sol"], {
  cwd: import.meta.dirname,
});

// Roles act millions of times: optimised, but without the intermediate language, whose compilation would take minutes.
const quick = { ...plain, settings: { ...plain.settings, optimizer: { enabled: true, runs: 10_000 } } };
const driven = globSync("test/contracts/invariant/*.sol", { cwd: import.meta.dirname });

// The stewards' timelock is OpenZeppelin's own, deployed as it is published.
const timelock = "@openzeppelin/contracts/governance/TimelockController.sol";

const profile = {
  compilers: [plain],
  overrides: {
    ...Object.fromEntries(optimised.map((file) => [file, compiler])),
    ...Object.fromEntries(driven.map((file) => [file, quick])),
    "contracts/DonationPool.sol": small,
    "contracts/DonationPoolFactory.sol": small,
    [timelock]: compiler,
  },
};

// Where tests read the code of Permit2, which the escrow calls at its one address: no package carries a deployable artifact of it.
const permit2File = "node_modules/@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol";

// Long campaigns raise the runs, and replay one by its seed; the simulator has one for both kinds of test.
const { FARTHING_FUZZ_RUNS = "128", FARTHING_INVARIANT_RUNS = "300", FARTHING_FUZZ_SEED } = process.env;

const create2Salt = "0x6661727468696e67000000000000000000000000000000000000000000000001"; // "farthing", 1

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnitionViem, hardhatMocha, hardhatTypechain, hardhatViem],
  solidity: { npmFilesToBuild: [timelock], profiles: { default: profile, production: profile } },
  paths: { sources: "contracts", tests: { solidity: "test/contracts", mocha: "test" }, ignition: "deploy" },
  test: {
    solidity: {
      fsPermissions: { readFile: [permit2File, "test/vectors/messages.json"] },
      fuzz: { runs: Number(FARTHING_FUZZ_RUNS), ...(FARTHING_FUZZ_SEED && { seed: FARTHING_FUZZ_SEED }) },
      // Every well-behaved role of the invariant suite must succeed, always. Roles draw what they do from hashes of their arguments,
      // so that values found in storage and code would add nothing.
      invariant: {
        runs: Number(FARTHING_INVARIANT_RUNS),
        depth: 60,
        failOnRevert: true,
        includeStorage: false,
        includePushBytes: false,
      },
    },
  },
  typechain: { outDir: "src/ethers/generated", tsNocheck: true },
  ignition: { strategyConfig: { create2: { salt: create2Salt } } },
  networks: {
    default: { type: "edr-simulated", chainType: "op", chainId: 31337 },
    simulatedL1: { type: "edr-simulated", chainType: "l1", chainId: 31337 }, // the simulated OP chain takes no EIP-7702 transaction
    localhost: { type: "http", chainType: "op", url: configVariable("FARTHING_RPC") },
    base: {
      type: "http",
      chainType: "op",
      url: configVariable("BASE_RPC"),
      accounts: [configVariable("DEPLOYER_KEY")],
    },
    baseSepolia: {
      type: "http",
      chainType: "op",
      url: configVariable("BASE_SEPOLIA_RPC"),
      accounts: [configVariable("DEPLOYER_KEY")],
    },
  },
});
