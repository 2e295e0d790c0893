import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { checkArchitecture } from "./support/architecture/check.ts";
import { findImports } from "./support/architecture/findImports.ts";

const root = join(import.meta.dirname, "..");

describe("architecture", () => {
  it("given the sources, when checked, they should break no rule of the house", () => {
    const paths = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
    const files = paths.filter((path) => path.endsWith(".ts")).map((path) => `src/${path}`);
    const sources = new Map(files.map((path) => [path, readFileSync(join(root, path), "utf8")]));
    expect(sources.has("src/protocol/index.ts")).to.equal(true);
    expect(checkArchitecture(sources, declaredPackages())).to.deep.equal([]);
  });

  const declared = new Set(["viem", "ethers", "pino"]);
  const house = {
    "src/protocol/index.ts": 'export * from "./voucher.ts";',
    "src/protocol/voucher.ts": 'import { keccak256 } from "viem";',
    "src/store/index.ts": 'export type { Store } from "./store.ts";',
    "src/store/store.ts": 'import "../protocol/index.ts";',
    "src/store/sqlite.ts": 'import { file } from "./file.ts";',
    "src/store/file.ts": 'import { open } from "node:fs";',
    "src/payer/index.ts": 'import "../protocol/index.ts"; import type { Store } from "../store/sqlite.ts";',
    "src/payee/index.ts": 'export { a } from "../store/index.ts";',
    "src/keeper/index.ts": 'import "node:http"; import pino from "pino";',
    "src/ethers/index.ts": 'import { Wallet } from "ethers"; import type { X } from "./generated/x.ts";',
  };
  const check = (more: Record<string, string>) =>
    checkArchitecture(new Map(Object.entries({ ...house, ...more })), declared);

  it("given a house in order, when checked, it should report nothing", () => {
    expect(check({})).to.deep.equal([]);
  });

  const sabotage: [condition: string, more: Record<string, string>, report: string][] = [
    [
      "a sibling's import",
      { "src/payer/a.ts": 'import { b } from "../payee/index.ts";' },
      "src/payer/a.ts imports src/payee/index.ts: payer may not import payee, its sibling",
    ],
    [
      "a sibling's type",
      { "src/payer/a.ts": 'import type { B } from "../payee/index.ts";' },
      "src/payer/a.ts imports src/payee/index.ts: payer may not import payee, its sibling",
    ],
    [
      "an import to the right",
      { "src/protocol/a.ts": 'export * as x from "../store/index.ts";' },
      "src/protocol/a.ts imports src/store/index.ts: protocol may not import store, to its right",
    ],
    [
      "a dynamic import to the right",
      { "src/protocol/a.ts": 'const x = await import("../keeper/index.ts");' },
      "src/protocol/a.ts imports src/keeper/index.ts: protocol may not import keeper, to its right",
    ],
    [
      "an import that cannot be read",
      { "src/protocol/a.ts": "const x = await import(name);" },
      "src/protocol/a.ts imports something that is not a literal",
    ],
    [
      "ethers outside of its room",
      { "src/payer/a.ts": 'import { Wallet } from "ethers";' },
      "src/payer/a.ts imports ethers, which only src/ethers may",
    ],
    [
      "generated types outside of their room",
      { "src/payer/a.ts": 'import type { X } from "../ethers/generated/x.ts";' },
      "src/payer/a.ts imports src/ethers/generated/x.ts, which only src/ethers may",
    ],
    [
      "generated code",
      { "src/ethers/a.ts": 'import { x } from "./generated/x.ts";' },
      "src/ethers/a.ts imports more than types of src/ethers/generated/x.ts, which is not there when it runs",
    ],
    [
      "an undeclared package",
      { "src/payer/a.ts": 'import { secp256k1 } from "@noble/curves/secp256k1";' },
      "src/payer/a.ts imports @noble/curves, which package.json does not declare",
    ],
    [
      "a Node built-in in a room",
      { "src/payer/a.ts": 'import { readFileSync } from "node:fs";' },
      "src/payer/a.ts imports node:fs, which only a subpath adapter or a service may",
    ],
    [
      "a Node built-in behind an adapter that the barrel leads to",
      { "src/store/index.ts": 'export { open } from "./sqlite.ts";' },
      "src/store/index.ts leads to node:fs by src/store/file.ts",
    ],
    [
      "a Node built-in that a barrel of another room leads to",
      { "src/payer/index.ts": 'import { open } from "../store/sqlite.ts";' },
      "src/payer/index.ts leads to node:fs by src/store/file.ts",
    ],
    [
      "a Node global in a room for browsers",
      { "src/protocol/voucher.ts": "export const x = Buffer.from([]);" },
      "src/protocol/index.ts leads to Node's Buffer by src/protocol/voucher.ts",
    ],
    [
      "a Node built-in behind the collector's client",
      {
        "src/collector/client.ts": 'import { serve } from "./serve.ts";',
        "src/collector/serve.ts": 'import "node:http";',
      },
      "src/collector/client.ts leads to node:http by src/collector/serve.ts",
    ],
    [
      "an import of the tests",
      { "src/payer/a.ts": 'import "../../test/support/chain.ts";' },
      "src/payer/a.ts imports test/support/chain.ts, outside of src",
    ],
    [
      "an import of nothing",
      { "src/payer/a.ts": 'import "./b.ts";' },
      "src/payer/a.ts imports src/payer/b.ts, which is not there",
    ],
    [
      "a long file",
      { "src/payer/a.ts": "\n".repeat(301) },
      "src/payer/a.ts has 301 lines, more than 300: look for the seam",
    ],
    ["a room without a barrel", { "src/pool/a.ts": "" }, "src/pool has no index.ts"],
    ["an unknown room", { "src/utils/index.ts": "" }, "src/utils is no room of the house"],
  ];

  for (const [condition, more, report] of sabotage) {
    it(`given ${condition}, when checked, it should be reported`, () => {
      expect(check(more)).to.include(report);
    });
  }

  it("given every form of import among comments, texts and patterns, when read, it should find each and nothing else", () => {
    const source = `
      // import "comment";
      /* import "block"; */
      import a, { type B } from "one";
      import type { C } from 'two';
      import "three";
      export * from "four";
      export type { D } from "five";
      export { default as e } from "six";
      import * as ns from "seven";
      import{f}from"eight";
      const text = 'import "text"', slash = /import "pattern"['"\`]/.test(x), half = 1 / 2;
      const template = \`import "template" \${await import("nine")} from "x"\`;
      await import("ten", { with: {} });
      loader.import("method"); import.meta.url;
      require("eleven");
      const from = a / b; export const g = "from";
    `;
    const found = findImports(source).map(({ specifier, typeOnly }) => (typeOnly ? `type ${specifier}` : specifier));
    expect([...new Set(found)].sort()).to.deep.equal(
      ["one", "type two", "three", "four", "type five", "six", "seven", "eight", "nine", "ten", "eleven"].sort(),
    );
  });
});

function declaredPackages(): Set<string> {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { dependencies = {}, devDependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest;
  return new Set(
    [dependencies, devDependencies, peerDependencies, optionalDependencies].flatMap((section) => Object.keys(section)),
  );
}
