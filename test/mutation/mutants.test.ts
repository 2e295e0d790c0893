import { readFileSync } from "node:fs";
import { expect } from "chai";
import { compile, parse } from "../../scripts/mutate/compile.ts";
import { applyTo, type Mutant, mutantsOf } from "../../scripts/mutate/mutants.ts";
import { select } from "../../scripts/mutate/select.ts";

const file = "test/mutation/toy/Toy.sol";

describe("mutants", function () {
  this.timeout(300_000); // the compiler itself
  const source = readFileSync(file);
  let mutants: Mutant[];

  before(() => {
    const ast = parse(file).get(file);
    if (!ast) throw new Error(`${file} was not parsed`);
    mutants = mutantsOf(file, source, ast);
  });

  it("given one of each thing, when changed, they should be exactly the known ones", () => {
    const flat = (text: string) => text.replace(/\s+/g, " ").trim();
    const found = mutants.map(
      ({ line, rule, original, text }) => `${line} ${rule}: ${flat(original)} -> ${flat(text)}`,
    );
    expect(found).to.have.members([
      "14 removed statement: require(!_busy); -> {}",
      "14 operator: !_busy -> _busy",
      "18 removed modifier: guarded -> ",
      "19 removed statement: require(amount < 10, TooMuch(10, amount)); -> {}",
      "19 operator: < -> <=",
      "19 operator: < -> >=",
      "19 constant: 10 -> (10 + 1)",
      "19 constant: 10 -> (10 - 1)",
      "19 constant: 10 -> (10 + 1)",
      "19 constant: 10 -> (10 - 1)",
      "19 swapped statements: require(amount < 10, TooMuch(10, amount)); require(total < 20) -> " +
        "require(total < 20); require(amount < 10, TooMuch(10, amount))",
      "20 removed statement: require(total < 20); -> {}",
      "20 operator: < -> <=",
      "20 operator: < -> >=",
      "20 constant: 20 -> (20 + 1)",
      "20 constant: 20 -> (20 - 1)",
      "21 removed statement: total += amount; -> {}",
      "21 operator: += -> -=",
      "21 operator: += -> =",
      "22 removed statement: emit Added(amount, total); -> {}",
      "22 swapped arguments: amount, total -> total, amount",
      "26 negated condition: _busy -> !(_busy)",
      "28 removed statement: bits := and(word, 7) -> {}",
      "28 operator: and -> or",
      "28 constant: 7 -> 8",
      "28 constant: 7 -> 6",
    ]);
  });

  it("given a mutant, when applied and compiled, its code should differ from the original's", () => {
    const original = compile(file, "Toy");
    const mutant = mutants.find(({ rule, line }) => rule === "removed modifier" && line === 18);
    const code = compile(file, "Toy", { [file]: applyTo(source, mutant as Mutant) });
    expect(original).to.have.property("bytecode");
    expect(code).to.have.property("bytecode");
    expect(code).to.not.deep.equal(original);
  });

  it("given a change of a comment alone, when compiled, its code should be the original's", () => {
    const commented = source.toString().replace("One of each thing", "Something");
    expect(compile(file, "Toy", { [file]: commented })).to.deep.equal(compile(file, "Toy"));
  });

  it("given a mutant that breaks a type, when compiled, it should be a sentence", () => {
    const sum = "total += ";
    const broken = source.toString().replace(`${sum}amount`, `${sum}_busy`);
    const fault = compile(file, "Toy", { [file]: broken });
    expect(fault).to.have.property("sentence").that.includes("TypeError");
    const before = broken.slice(0, broken.indexOf(`${sum}_busy`)); // the compiler names the whole assignment
    expect(fault).to.have.deep.property("starts", [Buffer.from(before).length]);
  });

  it("given shards, when selected, they should be everything, once", () => {
    const parts = ["1/3", "2/3", "3/3"].flatMap((shard) => select(mutants, { seed: "1", shard }));
    expect(parts).to.have.members(mutants);
    expect(parts).to.have.length(mutants.length);
  });

  it("given a sample, when drawn again by the same seed, it should be the same, and another by another seed", () => {
    const draw = (seed: string) => select(mutants, { sample: "5", seed }).map(({ start, text }) => `${start}${text}`);
    expect(draw("1")).to.have.length(5);
    expect(draw("1")).to.deep.equal(draw("1"));
    expect(draw("1")).to.not.deep.equal(draw("2"));
  });
});
