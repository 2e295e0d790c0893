import { createHash } from "node:crypto";
import { child, children, isNode, type Node, spanOf, walk } from "./syntax.ts";
import { yulChanges } from "./yul.ts";

/** Bytes of a file that are replaced, and the rule that did it. */
export type Change = { rule: string; start: number; end: number; text: string };

export type Mutant = Change & { id: string; file: string; line: number; original: string };

const operators: Record<string, string[]> = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
  "&&": ["||"],
  "||": ["&&"],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "+=": ["-=", "="],
  "-=": ["+=", "="],
  "*=": ["/="],
  "|=": ["&="],
  "&=": ["|="],
};

/** Every mutant of a file, in the order of the source. */
export function mutantsOf(file: string, source: Buffer, ast: Node): Mutant[] {
  const found = new Map<string, Mutant>();
  const names = new Map<string, number>();
  for (const node of walk(ast)) {
    for (const change of [...changesOf(node, source), ...yulChanges(node, source)]) {
      const { rule, start, end, text } = change;
      const original = source.subarray(start, end).toString();
      const place = `${start}:${end}:${text}`;
      if (original === text || found.has(place)) continue;
      const line = source.subarray(0, start).toString().split("\n").length;
      // Named by what it says, so that lines added above do not rename it.
      const before = source.subarray(Math.max(0, start - 60), start).toString();
      const said = [file, before, original, text].join("\0");
      const nth = names.get(said) ?? 0;
      names.set(said, nth + 1);
      const name = nth === 0 ? said : `${said}\0${nth}`;
      const id = createHash("sha256").update(name).digest("hex").slice(0, 12);
      found.set(place, { id, file, line, original, rule, start, end, text });
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

/** The file with the mutant in it. */
export function applyTo(source: Buffer, { start, end, text }: Change): string {
  return source.subarray(0, start).toString() + text + source.subarray(end).toString();
}

function changesOf(node: Node, source: Buffer): Change[] {
  const [start, end] = spanOf(node);
  const text = source.subarray(start, end).toString();
  const replaced = (rule: string, by: string): Change => ({ rule, start, end, text: by });
  switch (node.nodeType) {
    case "BinaryOperation":
      return operatorChanges(node, "leftExpression", "rightExpression", source);
    case "Assignment":
      return operatorChanges(node, "leftHandSide", "rightHandSide", source);
    case "UnaryOperation": {
      const operator = String(node.operator);
      if (operator === "!" || operator === "~") return [replaced("operator", text.slice(1))];
      if (operator === "++" || operator === "--") {
        return [replaced("operator", text.replace(operator, operator === "++" ? "--" : "++"))];
      }
      return [];
    }
    case "Literal":
      return literalChanges(node, text).map((by) => replaced("constant", by));
    case "Conditional":
    case "IfStatement":
      return negated(child(node, "condition"), source);
    case "FunctionCall":
      return callChanges(node, source);
    case "ExpressionStatement":
    case "EmitStatement":
    case "RevertStatement":
    case "Continue":
      return removed(start, end, source);
    case "Block":
    case "UncheckedBlock":
      return swappedNeighbours(children(node, "statements"), source);
    case "FunctionDefinition":
      return children(node, "modifiers")
        .filter(({ kind }) => kind === "modifierInvocation")
        .map((modifier) => {
          const [from, to] = spanOf(modifier);
          return { rule: "removed modifier", start: from, end: to, text: "" };
        });
    default:
      return [];
  }
}

function operatorChanges(node: Node, left: string, right: string, source: Buffer): Change[] {
  const operator = String(node.operator);
  const [, from] = spanOf(child(node, left));
  const [to] = spanOf(child(node, right));
  const between = source.subarray(from, to).toString();
  return (operators[operator] ?? []).map((by) => ({
    rule: "operator",
    start: from,
    end: to,
    text: between.replace(operator, () => by),
  }));
}

function literalChanges(node: Node, text: string): string[] {
  if (node.kind === "bool") return [text === "true" ? "false" : "true"];
  if (node.kind !== "number") return [];
  // An address in digits has a checksum, and no neighbours.
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return [];
  return /^0(x0+)?$/.test(text) ? ["1"] : [`(${text} + 1)`, `(${text} - 1)`];
}

/** Of a comparison or a negation the operator's own mutants are the same. */
function negated(condition: Node, source: Buffer): Change[] {
  if (condition.operator === "!" || /^([<>]=?|[!=]=)$/.test(String(condition.operator))) return [];
  const [start, end] = spanOf(condition);
  const text = `!(${source.subarray(start, end).toString()})`;
  return [{ rule: "negated condition", start, end, text }];
}

function callChanges(node: Node, source: Buffer): Change[] {
  const list = children(node, "arguments");
  const called = child(node, "expression");
  const changes: Change[] = [];
  if (called.name === "require" && list[0]) changes.push(...negated(list[0], source));
  list.forEach((left, index) => {
    const right = list[index + 1];
    if (right && typeOf(left) !== undefined && typeOf(left) === typeOf(right)) {
      changes.push(swapped("swapped arguments", left, right, source));
    }
  });
  return changes;
}

/** The step of a loop has no semicolon, and without it a loop has no end. */
function removed(start: number, end: number, source: Buffer): Change[] {
  if (source.subarray(end, end + 1).toString() !== ";") return [];
  return [{ rule: "removed statement", start, end: end + 1, text: "{}" }];
}

/**
 * A call and what stands beside it: nobody can see in which order words are written and events thrown between two calls. What can
 * only revert is swapped only with another such, because a revert undoes whatever else came before it.
 */
function swappedNeighbours(statements: Node[], source: Buffer): Change[] {
  const movable = new Set(["ExpressionStatement", "EmitStatement"]);
  const calls = (node: Node) => isNode(node.expression) && node.expression.nodeType === "FunctionCall";
  const requires = ({ expression }: Node) => {
    const called = isNode(expression) && isNode(expression.expression) ? typeOf(expression.expression) : undefined;
    return / (view|pure)\b/.test(called ?? "");
  };
  return statements.flatMap((left, index) => {
    const right = statements[index + 1];
    const both = right && movable.has(left.nodeType) && movable.has(right.nodeType) && (calls(left) || calls(right));
    return both && requires(left) === requires(right) ? [swapped("swapped statements", left, right, source)] : [];
  });
}

function swapped(rule: string, left: Node, right: Node, source: Buffer): Change {
  const [start, leftEnd] = spanOf(left);
  const [rightStart, end] = spanOf(right);
  const part = (from: number, to: number) => source.subarray(from, to).toString();
  return { rule, start, end, text: part(rightStart, end) + part(leftEnd, rightStart) + part(start, leftEnd) };
}

function typeOf(node: Node): string | undefined {
  const type = node.typeDescriptions as { typeString?: string } | undefined;
  return isNode(node) ? type?.typeString : undefined;
}
