import { readFileSync } from "node:fs";
import { expect } from "chai";
import hre from "hardhat";
import { type Address, encodeDeployData, type Hex, parseAbi } from "viem";
import { compile, parse } from "../../scripts/mutate/compile.ts";
import { type Mutant, mutantsOf } from "../../scripts/mutate/mutants.ts";
import { choose, combinable, combine } from "../../scripts/mutate/variants.ts";

const file = "test/mutation/toy/Made.sol";
const abi = parseAbi([
  "constructor(uint256)",
  "function least() view returns (uint256)",
  "function pay(uint256, uint256) payable returns (uint256, bool)",
  "function above(uint256) view returns (bool)",
]);

describe("mutants that share a file", function () {
  this.timeout(300_000); // the compiler itself
  const source = readFileSync(file);
  let connection: Awaited<ReturnType<typeof hre.network.create>>;
  let mutants: Mutant[];
  let made: ReturnType<typeof combine>;
  let bytecode: string;

  before(async () => {
    connection = await hre.network.create("default");
    const ast = parse(file).get(file);
    if (!ast) throw new Error(`${file} was not parsed`);
    mutants = combinable(ast, mutantsOf(file, source, ast));
    made = combine(source, ast, mutants);
    const code = compile(file, "Made", { [file]: made.text });
    if ("sentence" in code) throw new Error(code.sentence);
    bytecode = code.bytecode;
  });
  after(() => connection.close());

  const named = (rule: string, text: string): Mutant => {
    const found = mutants.filter((mutant) => mutant.rule === rule && mutant.text.trim() === text);
    if (found.length !== 1) throw new Error(`${found.length} mutants are ${rule}: ${text}`);
    return found[0] as Mutant;
  };

  /** What the contract does with one mutant in it: what it was made with, what it pays for 5, and whether 8 is above its least. */
  async function behave(mutant?: Mutant, least = 8n) {
    const [wallet] = await connection.viem.getWalletClients();
    const reader = await connection.viem.getPublicClient();
    if (!wallet) throw new Error("the network has no account");
    const code = choose(bytecode, mutant ? (made.numbers.get(mutant) ?? 0) : 0) as Hex;
    const hash = await wallet.sendTransaction({ data: encodeDeployData({ abi, bytecode: code, args: [least] }) });
    const { contractAddress } = await reader.waitForTransactionReceipt({ hash });
    const at = { abi, address: contractAddress as Address } as const;
    return {
      least: await reader.readContract({ ...at, functionName: "least" }),
      paid: (await reader.simulateContract({ ...at, functionName: "pay", args: [5n, 0n], value: 1n })).result,
      above: await reader.readContract({ ...at, functionName: "above", args: [8n] }),
    };
  }

  it("given number 0, when run, it should behave as the source", async () => {
    expect(await behave()).to.deep.equal({ least: 8n, paid: [10n, true], above: false });
  });

  it("given a mutant of a function, when it is chosen, it should run, and none of the others", async () => {
    const equal = await behave(named("operator", ">="));
    expect(equal).to.deep.equal({ least: 8n, paid: [10n, true], above: true });
    const thrice = await behave(named("constant", "(2 + 1)"));
    expect(thrice).to.deep.equal({ least: 8n, paid: [15n, true], above: false });
  });

  it("given a mutant of a constructor, when it is chosen, what it sets should be changed", async () => {
    const unset = mutants.find(({ rule, original }) => rule === "removed statement" && original === "least = least_;");
    expect((await behave(unset as Mutant)).least).to.equal(0n);
    const unchecked = mutants.find(
      ({ rule, original }) => rule === "removed statement" && /require\(least_/.test(original),
    );
    expect((await behave(unchecked as Mutant, 0n)).least).to.equal(0n);
    const refused = await behave(undefined, 0n).then(
      () => "made",
      () => "refused",
    );
    expect(refused).to.equal("refused");
  });

  it("given a mutant, when combined, its span should be of the copy that has it", () => {
    for (const mutant of mutants) {
      const [start, end] = made.spans.get(mutant) ?? [0, 0];
      const copy = Buffer.from(made.text).subarray(start, end).toString();
      const context = source
        .subarray(mutant.end, mutant.end + 8)
        .toString()
        .trim();
      expect(copy).to.include(mutant.text + source.subarray(mutant.end, mutant.end + 1).toString());
      expect(copy).to.include(context);
    }
    expect(new Set([...made.spans.values()].map(([start]) => start)).size).to.equal(mutants.length);
  });

  it("given a removed modifier, when combined, only that copy should be without it", () => {
    const [start, end] = made.spans.get(named("removed modifier", "")) ?? [0, 0];
    expect(Buffer.from(made.text).subarray(start, end).toString()).to.not.include("guarded");
    expect(made.text.match(/ guarded /g)).to.have.length(
      1 + mutants.filter(({ line, rule }) => line >= 25 && line <= 28 && rule !== "removed modifier").length,
    );
  });
});
