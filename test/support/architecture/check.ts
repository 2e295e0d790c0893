// The rules of the house: who imports whom, where Node built-ins may be, how long a file may get.
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { bareCode, findImports, type Import } from "./findImports.ts";

/** Sources by path from the root of the repository, such as `src/protocol/index.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** Rooms from left to right: a room imports rooms of lower rank alone; rooms of one rank are siblings. */
const ranks: Record<string, number> = {
  abi: 0,
  protocol: 1,
  verifier: 2,
  store: 2,
  chain: 3,
  ethers: 3,
  payer: 4,
  payee: 4,
  audit: 4,
  pool: 5,
  http: 5,
  keeper: 5,
  collector: 6,
};

/** Rooms that run in browsers: nothing that their barrels lead to may need Node. */
const portable = ["abi", "protocol", "verifier", "store", "chain", "ethers", "payer", "payee", "audit", "pool", "http"];

/** Doors of services that run in browsers all the same. */
const portableDoors = ["src/collector/client.ts"];

/** Packages that run in browsers. */
const portablePackages = new Set(["viem", "hono", "hash-wasm"]);

/** The only doors to Node built-ins outside of services; what they alone lead to in their own room stands behind them. */
const adapters = [
  "src/store/sqlite.ts",
  "src/store/postgres.ts",
  "src/store/filePayerStore.ts",
  "src/verifier/native.ts",
  "src/verifier/worker.ts",
  "src/http/node.ts",
  "src/audit/readConfig.ts",
];

/** Services: Node all through. */
const services = ["keeper", "collector"];

const maxLines = 300;

/** TypeChain's, made by the build and never committed. */
export const generated = "src/ethers/generated/";

/** Every broken rule, one sentence each, with the file that breaks it. */
export function checkArchitecture(sources: Sources, declared: ReadonlySet<string>): string[] {
  const files = [...sources.keys()].filter((path) => path.startsWith("src/") && !path.startsWith(generated)).sort();
  const imports = new Map(files.map((path) => [path, findImports(sources.get(path) ?? "")]));
  const behindAdapters = reachable(imports, adapters, (from, to) => room(from) === room(to));
  return [
    ...files.flatMap((path) => (imports.get(path) ?? []).flatMap((each) => checkImport(path, each, sources, declared))),
    ...files.flatMap((path) => checkBuiltins(path, imports.get(path) ?? [], behindAdapters)),
    ...portable.flatMap((name) => checkBarrel(`src/${name}/index.ts`, sources, imports)),
    ...portableDoors.flatMap((door) => checkBarrel(door, sources, imports)),
    ...files.flatMap((path) => checkLength(path, sources.get(path) ?? "")),
    ...checkRooms(files),
  ];
}

function checkImport(
  path: string,
  { specifier, typeOnly }: Import,
  sources: Sources,
  declared: ReadonlySet<string>,
): string[] {
  if (specifier === undefined) return [`${path} imports something that is not a literal`];
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? [] : [`${path} imports ${specifier} without node:`];
  if (!specifier.startsWith(".")) {
    const name = packageName(specifier);
    if (name === "ethers" && room(path) !== "ethers") return [`${path} imports ethers, which only src/ethers may`];
    return declared.has(name) ? [] : [`${path} imports ${name}, which package.json does not declare`];
  }
  const target = resolve(path, specifier);
  if (target.startsWith(generated)) return checkGenerated(path, target, typeOnly);
  if (!target.startsWith("src/")) return [`${path} imports ${target}, outside of src`];
  if (!sources.has(target)) return [`${path} imports ${target}, which is not there`];
  const [from, to] = [room(path), room(target)];
  if (from === to) return [];
  const [own, other] = [ranks[from], ranks[to]];
  if (own === undefined || other === undefined || other < own) return [];
  const relation = own === other ? "its sibling" : "to its right";
  return [`${path} imports ${target}: ${from} may not import ${to}, ${relation}`];
}

/** What is not in a clone can be asked for types, which are gone when the code runs, and by the room that exports them. */
function checkGenerated(path: string, target: string, typeOnly: boolean): string[] {
  if (room(path) !== "ethers") return [`${path} imports ${target}, which only src/ethers may`];
  return typeOnly ? [] : [`${path} imports more than types of ${target}, which is not there when it runs`];
}

function checkBuiltins(path: string, imports: readonly Import[], behindAdapters: ReadonlySet<string>): string[] {
  if (services.includes(room(path)) || behindAdapters.has(path)) return [];
  return imports.flatMap(({ specifier, typeOnly }) =>
    specifier !== undefined && isBuiltin(specifier) && !typeOnly
      ? [`${path} imports ${specifier}, which only a subpath adapter or a service may`]
      : [],
  );
}

/** Walks everything that a barrel loads, as a bundler for a browser would. */
function checkBarrel(barrel: string, sources: Sources, imports: ReadonlyMap<string, readonly Import[]>): string[] {
  if (!sources.has(barrel)) return [];
  return [...reachable(imports, [barrel], () => true)].flatMap((path) => {
    const broken = (imports.get(path) ?? []).flatMap(({ specifier, typeOnly }) => {
      if (typeOnly || specifier === undefined || specifier.startsWith(".")) return [];
      const name = packageName(specifier);
      const known = portablePackages.has(name) || (name === "ethers" && room(path) === "ethers");
      return known ? [] : [`${barrel} leads to ${specifier} by ${path}`];
    });
    const globals =
      bareCode(sources.get(path) ?? "").match(/(?<![.\w$])(?:Buffer|process|setImmediate)(?=\s*[.(])/g) ?? [];
    return [...broken, ...globals.map((name) => `${barrel} leads to Node's ${name} by ${path}`)];
  });
}

function checkLength(path: string, source: string): string[] {
  const lines = source.split("\n").length - 1;
  if (room(path) === "abi" || lines <= maxLines) return [];
  return [`${path} has ${lines} lines, more than ${maxLines}: look for the seam`];
}

function checkRooms(files: readonly string[]): string[] {
  const rooms = new Set(files.map(room));
  return [...rooms].flatMap((name) => {
    if (!(name in ranks)) return [`src/${name} is no room of the house`];
    // Generated, one file a contract, each imported by its own name.
    if (name === "abi" || files.includes(`src/${name}/index.ts`)) return [];
    return [`src/${name} has no index.ts`];
  });
}

/** Files that are loaded with the given ones, type-only imports left out, as far as `follow` allows. */
function reachable(
  imports: ReadonlyMap<string, readonly Import[]>,
  entries: readonly string[],
  follow: (from: string, to: string) => boolean,
): Set<string> {
  const seen = new Set(entries.filter((entry) => imports.has(entry)));
  for (const path of seen) {
    for (const { specifier, typeOnly } of imports.get(path) ?? []) {
      if (typeOnly || !specifier?.startsWith(".")) continue;
      const target = resolve(path, specifier);
      if (imports.has(target) && follow(path, target)) seen.add(target);
    }
  }
  return seen;
}

function resolve(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

function room(path: string): string {
  return path.split("/")[1] ?? "";
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
