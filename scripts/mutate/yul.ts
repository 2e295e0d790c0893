import type { Change } from "./mutants.ts";
import { child, children, type Node, spanOf } from "./syntax.ts";

const instructions: Record<string, string> = {
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  and: "or",
  or: "and",
  shl: "shr",
  shr: "shl",
  lt: "gt",
  gt: "lt",
  eq: "sub", // not zero where they differ
};

/**
 * What may be changed of a node of an assembly block. The free pointer read a byte too far on is the same one, 256 times as far up in
 * memory: nobody can see that.
 */
export function yulChanges(node: Node, source: Buffer): Change[] {
  const [start, end] = spanOf(node);
  const replaced = (rule: string, text: string): Change => ({ rule, start, end, text });
  switch (node.nodeType) {
    case "YulFunctionCall":
      return callChanges(node, source);
    case "YulLiteral":
      if (node.kind !== "number") return [];
      return literals(String(node.value))
        .filter((text) => text !== "65" || source.subarray(start - 6, start).toString() !== "mload(")
        .map((text) => replaced("constant", text));
    case "YulExpressionStatement":
    case "YulAssignment":
      return [replaced("removed statement", "{}")];
    case "YulIf": {
      const [from, to] = spanOf(child(node, "condition"));
      const condition = source.subarray(from, to).toString();
      return [{ rule: "negated condition", start: from, end: to, text: `iszero(${condition})` }];
    }
    default:
      return [];
  }
}

function callChanges(node: Node, source: Buffer): Change[] {
  const name = child(node, "functionName");
  const [start, end] = spanOf(name);
  const changes: Change[] = [];
  const other = instructions[String(name.name)];
  if (other) changes.push({ rule: "operator", start, end, text: other });
  if (name.name === "iszero") {
    const [whole, stop] = spanOf(node);
    const [argument] = children(node, "arguments").map(spanOf);
    if (argument) {
      changes.push({ rule: "operator", start: whole, end: stop, text: source.subarray(...argument).toString() });
    }
  }
  // Those of a commutative instruction may be swapped for ever.
  if (["add", "mul", "and", "or", "eq"].includes(String(name.name))) return changes;
  const list = children(node, "arguments");
  list.forEach((left, index) => {
    const right = list[index + 1];
    if (!right) return;
    const [from, leftEnd] = spanOf(left);
    const [rightStart, to] = spanOf(right);
    const part = (a: number, b: number) => source.subarray(a, b).toString();
    const text = part(rightStart, to) + part(leftEnd, rightStart) + part(from, leftEnd);
    changes.push({ rule: "swapped arguments", start: from, end: to, text });
  });
  return changes;
}

function literals(text: string): string[] {
  const value = BigInt(text);
  return value === 0n ? ["1"] : [String(value + 1n), String(value - 1n)];
}
