import { readFileSync } from "node:fs";
import { expect } from "chai";

const tests = new URL("../../", import.meta.url);
const rows = readFileSync(new URL("README.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^\| R\d+ \|/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));

describe("the table of what may go wrong at a payee", () => {
  it("has a row for each case that is a payee's, in order, once", () => {
    const cases = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 17, 19, 20, 21, 22, 23, 24];
    expect(rows.map(([id]) => id)).to.deep.equal(cases.map((number) => `R${number}`));
  });

  for (const [id, condition, outcome, cell = ""] of rows) {
    it(`names tests that are there for ${id}`, () => {
      expect(condition?.length).to.be.above(10);
      expect(outcome?.length).to.be.above(4);
      let source = "";
      const parts = cell.split("<br>");
      expect(parts).not.to.deep.equal([""]);
      for (const part of parts) {
        const { file, name } = /^(?:`(?<file>[^`]+)`: )?`(?<name>.+)`$/.exec(part)?.groups ?? {};
        if (file) source = readFileSync(new URL(file, tests), "utf8");
        const isThere = [`"${name}"`, `\`${name}\``].some((title) => source.includes(`it(${title}`));
        expect(isThere, `${file ?? ""} ${name}`).to.equal(true);
      }
    });
  }
});
