// Holds the tables of test/README.md to the tests that they name.
import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";

const folder = new URL("./", import.meta.url);

type Row = { id: string; condition: string; outcome: string; tests: { file: string; name: string }[] };

const rows = readRows(readFileSync(new URL("README.md", folder), "utf8"));

describe("the cases of test/README.md", () => {
  for (const { letter, count, what } of [
    { letter: "C", count: 27, what: "the escrow" },
    { letter: "V", count: 12, what: "vouchers and signatures" },
    { letter: "P", count: 18, what: "the donation pool" },
    { letter: "B", count: 16, what: "what broke others" },
  ]) {
    it(`of ${what} should all be there, in order, once`, () => {
      const ids = rows.map(({ id }) => id).filter((id) => id.startsWith(letter));
      expect(ids).to.deep.equal(Array.from({ length: count }, (_, index) => `${letter}${index + 1}`));
    });
  }

  it("should have no row of any other kind", () => {
    expect(rows.map(({ id }) => id).filter((id) => !/^[CVPB]\d+$/.test(id))).to.deep.equal([]);
  });

  it("should say in every row when, what must happen, and by which tests it is known", () => {
    for (const { id, condition, outcome, tests } of rows) {
      expect(condition.length, `condition of ${id}`).to.be.above(10);
      expect(outcome.length, `outcome of ${id}`).to.be.above(10);
      expect(tests, `tests of ${id}`).not.to.deep.equal([]);
    }
  });

  it("should name tests that are there, each in the file that it is said to be in", () => {
    const missing: string[] = [];
    for (const { id, tests } of rows) {
      for (const { file, name } of tests) {
        if (!namesIn(file).has(name)) missing.push(`${id}: ${file}: ${name}`);
      }
    }
    expect(missing).to.deep.equal([]);
  });

  it("should name no test twice in one row", () => {
    for (const { id, tests } of rows) {
      const named = tests.map(({ file, name }) => `${file}: ${name}`);
      expect(named, `tests of ${id}`).to.deep.equal([...new Set(named)]);
    }
  });
});

/** Rows of every table whose first column is an id; a cell of tests is `file`: `name`, and more names of the same file. */
function readRows(text: string): Row[] {
  const lines = text.split("\n").filter((line) => /^\| [A-Z]\d+ \|/.test(line));
  return lines.map((line) => {
    const [id = "", condition = "", outcome = "", cell = "", ...rest] = line.slice(2, -2).split(" | ");
    if (rest.length > 0) throw new Error(`Row ${id} has more than four columns.`);
    let file = "";
    const tests = cell.split("<br>").map((entry) => {
      const match = /^(?:`([^`]+)`: )?`([^`]+)`$/.exec(entry);
      if (!match) throw new Error(`Row ${id} names a test that cannot be read: ${entry}`);
      file = match[1] ?? file;
      return { file, name: match[2] ?? "" };
    });
    return { id, condition, outcome, tests };
  });
}

const known = new Map<string, Set<string>>();

/** A file's tests: functions of Solidity, titles of Mocha as they are written, expressions and all. None for a file that is not there. */
function namesIn(file: string): Set<string> {
  const found = known.get(file) ?? readNames(file);
  known.set(file, found);
  return found;
}

function readNames(file: string): Set<string> {
  const url = new URL(file, folder);
  if (!existsSync(url)) return new Set();
  const source = readFileSync(url, "utf8");
  const pattern = file.endsWith(".sol")
    ? /function (?<name>test\w*)\(/g
    : /\b(?:it|describe)\(\s*(?<quote>["'`])(?<name>(?:\\.|(?!\k<quote>).)*)\k<quote>/g;
  return new Set([...source.matchAll(pattern)].map((match) => match.groups?.name ?? ""));
}
