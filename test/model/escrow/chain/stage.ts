// The real escrow on a simulated chain, with everybody and everything that the cast names: as they stand before a history.
import hre from "hardhat";
import { type Abi, type Address, encodeFunctionData, type Hex, numberToHex } from "viem";
import { permit2Address } from "../../../../src/protocol/permit2.ts";
import { startChain } from "../../../support/chain.ts";
import { installPermit2 } from "../../../support/permit2.ts";
import { approvals, cast, epoch, firstKeys, fortunes, tokens } from "../cast.ts";
import type { Name } from "../types.ts";
import { createScribe } from "./papers.ts";
import { createWords } from "./words.ts";

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** Gas of one transaction of a stage: more than the steps between two waits need. */
export const gas = 2n ** 31n;

const unlimited = 2n ** 256n - 1n;

export async function setStage() {
  // Before the histories' first second by more than there are blocks to set the stage.
  const chain = await startChain({ blockGasLimit: 2n * gas, initialDate: new Date(Number(epoch - 10_000n) * 1_000) });
  const { client, deployer, escrow } = chain;
  const request = (method: string, params: readonly unknown[]) => client.request({ method, params } as never);

  await installPermit2(client);
  const addresses: Record<Name, Address> = { permit2: permit2Address };
  for (const [name, kind] of Object.entries(tokens)) addresses[name] = await chain.deploy(kind);
  const player = await chain.deploy("RoundStage");
  const teller = await chain.deploy("Teller");
  const builder = await chain.deploy("Builder");
  const creationCode = (await hre.artifacts.readArtifact("PaymentChannels")).bytecode as Hex;
  const abis = await readAbis();
  const words = createWords(escrow, addresses, abis.errors);
  const { address } = words;
  const scribe = createScribe(words, escrow);

  function encode(abi: keyof typeof abis, functionName: string, args: readonly unknown[]): Hex {
    return encodeFunctionData({ abi: abis[abi], functionName, args });
  }

  /** Sends a transaction that has to succeed. */
  async function send(to: Address, data: Hex, from: Address = deployer) {
    await request("eth_sendTransaction", [{ from, to, data, gas: numberToHex(gas) }]);
  }

  for (const name of cast.everybody) {
    await client.impersonateAccount({ address: address(name) });
    await client.setBalance({ address: address(name), value: 10n ** 24n });
  }
  for (const token of Object.keys(tokens)) {
    for (const name of cast.everybody)
      await send(address(token), encode("token", "mint", [address(name), fortunes[name]]));
    for (const [owner, spender] of approvals) {
      await send(address(token), encode("token", "approve", [address(spender), unlimited]), address(owner));
    }
  }
  const code = (await hre.artifacts.readArtifact("Actor")).deployedBytecode as Hex;
  for (const name of cast.actors) await client.setCode({ address: address(name), bytecode: code });
  for (const [name, key] of Object.entries(firstKeys))
    await send(address(name), encode("actor", "rotate", [address(key)]));
  for (const name of cast.everybody)
    await client.setBalance({ address: address(name), value: fortunes[name] as bigint });

  return {
    escrow,
    player,
    teller,
    builder,
    creationCode,
    abis,
    words,
    scribe,
    encode,
    send,
    request,
    deployer,
    stop: chain.stop,
  };
}

async function readAbis() {
  const abi = async (name: string) => (await hre.artifacts.readArtifact(name)).abi as Abi;
  const escrow = await abi("PaymentChannels");
  const kinds = await Promise.all(Object.values(tokens).map(abi));
  const seen = new Set<string>();
  // Of two errors of one name, which Permit2's `InvalidSignature` and the escrow's are, the arguments are the same too.
  const errors = [...escrow, ...kinds.flat(), ...permitAbi, ...builtIn].filter((item) => {
    if (item.type !== "error" || seen.has(item.name)) return false;
    return seen.add(item.name);
  });
  const known = new Set<string>();
  const token = kinds.flat().filter((item) => {
    const name = item.type === "function" ? `${item.name}/${item.inputs.length}` : "";
    return name !== "" && !known.has(name) && known.add(name);
  });
  return {
    escrow,
    errors,
    token,
    actor: await abi("Actor"),
    player: await abi("RoundStage"),
    builder: await abi("Builder"),
    teller: await abi("Teller"),
  };
}

/** Permit2's errors, but for those that the escrow has too. */
const permitAbi = [
  { type: "error", name: "SignatureExpired", inputs: [{ name: "signatureDeadline", type: "uint256" }] },
  { type: "error", name: "InvalidNonce", inputs: [] },
  { type: "error", name: "InvalidSignatureLength", inputs: [] },
  { type: "error", name: "InvalidSigner", inputs: [] },
  { type: "error", name: "InvalidContractSignature", inputs: [] },
] as const;

/** The compiler's own. */
const builtIn = [
  { type: "error", name: "Panic", inputs: [{ name: "code", type: "uint256" }] },
  { type: "error", name: "Error", inputs: [{ name: "message", type: "string" }] },
] as const;
