/** A node of the compiler's syntax tree, Solidity's or Yul's. */
export type Node = {
  nodeType: string;
  src: string;
  [field: string]: unknown;
};

/** Where a node stands in its file, in bytes. */
export function spanOf(node: Node): [start: number, end: number] {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return [start, start + length];
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).nodeType === "string";
}

/** The node and everything under it, outermost first. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const [field, value] of Object.entries(node)) {
    if (field === "typeName") continue; // widths of types are the compiler's to check
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child);
  }
}

/** A node's field that holds one node. */
export function child(node: Node, field: string): Node {
  const value = node[field];
  if (!isNode(value)) throw new Error(`${node.nodeType} at ${node.src} has no ${field}`);
  return value;
}

/** A node's field that holds a list of nodes; empty where it is absent. */
export function children(node: Node, field: string): Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}
