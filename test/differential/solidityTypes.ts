// EIP-712 types as the compiler read them: from the structs in its syntax tree, and from the texts that the contracts hash.
import { readFile } from "node:fs/promises";
import hre from "hardhat";

/** A member of a struct, as EIP-712 writes it. */
export type Field = { name: string; type: string };

type Node = {
  id: number;
  nodeType: string;
  name?: string;
  canonicalName?: string;
  members?: readonly { name: string; typeName: TypeNode }[];
  value?: { nodeType: string; value?: string; arguments?: readonly { nodeType: string; value?: string }[] } | string;
};
type TypeNode = {
  nodeType: string;
  name?: string;
  referencedDeclaration?: number;
  baseType?: TypeNode;
  length?: unknown;
};

const trees = new Map<string, Promise<Node[]>>();

/** Every node of what was compiled together with a contract, named as `contracts/X.sol:X`. */
async function nodesOf(contract: string): Promise<Node[]> {
  const { buildInfoId } = await hre.artifacts.readArtifact(contract);
  const file = buildInfoId && (await hre.artifacts.getBuildInfoOutputPath(buildInfoId));
  if (!file) throw new Error(`${contract} has no build info: run npm run build`);
  const nodes = trees.get(file) ?? readNodes(file);
  trees.set(file, nodes);
  return nodes;
}

async function readNodes(file: string): Promise<Node[]> {
  const { output } = JSON.parse(await readFile(file, "utf8")) as {
    output: { sources: Record<string, { ast: object }> };
  };
  const nodes: Node[] = [];
  const collect = (value: unknown) => {
    if (value === null || typeof value !== "object") return;
    if ("nodeType" in value && "id" in value) nodes.push(value as Node);
    for (const part of Object.values(value)) collect(part);
  };
  for (const { ast } of Object.values(output.sources)) collect(ast);
  return nodes;
}

/** A struct, as `Messages.Voucher`, and every struct that it leads to, by EIP-712's names. */
export async function structTypes(contract: string, canonicalName: string): Promise<Record<string, Field[]>> {
  const structs = (await nodesOf(contract)).filter(({ nodeType }) => nodeType === "StructDefinition");
  const types: Record<string, Field[]> = {};
  const add = (struct: Node | undefined) => {
    if (!struct?.name || !struct.members) throw new Error(`there is no struct ${canonicalName} beside ${contract}`);
    types[struct.name] = struct.members.map(({ name, typeName }) => ({ name, type: typeOf(typeName) }));
    return struct.name;
  };
  const typeOf = ({ nodeType, name, referencedDeclaration, baseType, length }: TypeNode): string => {
    if (nodeType === "ElementaryTypeName" && name) return name;
    if (nodeType === "UserDefinedTypeName") return add(structs.find(({ id }) => id === referencedDeclaration));
    if (nodeType === "ArrayTypeName" && baseType && !length) return `${typeOf(baseType)}[]`;
    throw new Error(`${canonicalName} has a member of a kind that no message has: ${nodeType}`);
  };
  add(structs.find((struct) => struct.canonicalName === canonicalName));
  return types;
}

/** The canonical text: the primary type, then what it leads to in alphabetical order. Source: EIP-712, "Definition of encodeType". */
export function encodeType(primary: string, types: Readonly<Record<string, readonly Field[]>>): string {
  const reached = new Set([primary]);
  for (const name of reached) {
    for (const { type } of types[name] ?? []) {
      const inner = type.replace(/\[\d*\]$/, "");
      if (inner in types) reached.add(inner);
    }
  }
  const [, ...others] = reached;
  return [primary, ...others.sort()]
    .map((name) => `${name}(${(types[name] ?? []).map((field) => `${field.type} ${field.name}`).join(",")})`)
    .join("");
}

/**
 * The texts that a contract's constants are, or are the hash of, by name: those that look like types.
 * @param compiledWith A contract that inherits it, where it has no artifact of its own.
 */
export async function typeTexts(contract: string, compiledWith = contract): Promise<Map<string, string>> {
  const name = contract.split(":").at(-1);
  const [own] = (await nodesOf(compiledWith)).filter(
    (node) => node.nodeType === "ContractDefinition" && node.name === name,
  );
  const texts = new Map<string, string>();
  for (const node of (own as unknown as { nodes: Node[] } | undefined)?.nodes ?? []) {
    if (node.nodeType !== "VariableDeclaration" || typeof node.value !== "object") continue;
    const literal = node.value.nodeType === "Literal" ? node.value : node.value.arguments?.[0];
    if (node.name && literal?.nodeType === "Literal" && /\w\(.*\w \w+\)/.test(literal.value ?? "")) {
      texts.set(node.name, literal.value ?? "");
    }
  }
  return texts;
}
