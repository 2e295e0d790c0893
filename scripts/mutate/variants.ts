import type { Change, Mutant } from "./mutants.ts";
import { child, children, isNode, type Node, spanOf, walk } from "./syntax.ts";

/** A file that has many mutants in it, each in a copy of its function, and a number in its code that says which of them runs. */
export type Combined = {
  text: string;
  /** The number that chooses a mutant; 0 is the code as it was. */
  numbers: Map<Mutant, number>;
  /** Where in the text a mutant's copy stands, in bytes. */
  spans: Map<Mutant, [start: number, end: number]>;
};

const word = `4d7574616e74${"a5".repeat(26)}`; // 32 bytes that nothing else has
const name = "MUTANT__";

/** The mutants that stand in the body or the modifiers of a function or in a constant's value, and so can share a file. */
export function combinable(ast: Node, mutants: Mutant[]): Mutant[] {
  const places = placesOf(ast);
  return mutants.filter((mutant) => places.some((own) => holds(own, mutant)));
}

/**
 * Compiling takes many times longer than testing, and a file with a hundred mutants in it about twice as long as one with none.
 * The functions of the others stay as they are, but for one comparison with a constant.
 * @param first Number of the first mutant; several files may be combined with each other.
 */
export function combine(source: Buffer, ast: Node, mutants: Mutant[], first = 1): Combined {
  const numbers = new Map(mutants.map((mutant, index) => [mutant, first + index]));
  const spans: Combined["spans"] = new Map();
  let text = "";
  let written = 0;
  let end = 0;
  const write = (part: string) => {
    text += part;
    written += Buffer.byteLength(part);
  };
  for (const own of placesOf(ast)) {
    const inside = mutants.filter((mutant) => holds(own, mutant));
    if (inside.length === 0) continue;
    const [start, stop] = spanOf(own);
    write(source.subarray(end, start).toString());
    const partsOf = own.kind === "constructor" ? constructorParts : isConstant(own) ? constantParts : functionParts;
    for (const { part, mutant } of partsOf(own, source, inside, numbers)) {
      if (mutant) spans.set(mutant, [written, written + Buffer.byteLength(part)]);
      write(part);
    }
    end = stop;
  }
  write(source.subarray(end).toString());
  write(`\nuint256 constant ${name} = 0x${word};\n`);
  return { text, numbers, spans };
}

/** The code of one mutant of a combined file. */
export function choose(bytecode: string, number: number): string {
  return bytecode.replaceAll(word, number.toString(16).padStart(64, "0"));
}

type Part = { part: string; mutant?: Mutant | undefined };

function functionParts(own: Node, source: Buffer, inside: Mutant[], numbers: Map<Mutant, number>): Part[] {
  const [start] = spanOf(own);
  const [bodyStart] = spanOf(child(own, "body"));
  const modifiers = modifiersOf(own);
  const parameters = children(child(own, "parameters"), "parameters");
  const given = parameters.map((parameter, index) => String(parameter.name || `unnamed${index}__`));
  const returns = children(child(own, "returnParameters"), "parameters").length > 0;
  const call = (suffix: string) =>
    returns ? `return ${own.name}__${suffix}(${given});` : `{ ${own.name}__${suffix}(${given}); return; }`;

  // The header, without the modifiers, which are the copies', and with a name for each parameter.
  const edits: Change[] = modifiers.map((modifier) => ({ rule: "", text: "", ...ends(modifier) }));
  for (const [index, parameter] of parameters.entries()) {
    const { end } = ends(parameter);
    if (!parameter.name) edits.push({ rule: "", start: end, end, text: ` ${given[index]}` });
  }
  const header = edited(source, start, bodyStart, edits);
  const parts: Part[] = [{ part: `${header}{ ${dispatch(inside, numbers, call)} ${call("0")} }\n` }];
  for (const mutant of [undefined, ...inside]) {
    parts.push({ part: copy(own, source, `${own.name}__${mutant ? numbers.get(mutant) : 0}`, mutant), mutant });
  }
  return parts;
}

/** A copy to call from within, with the function's modifiers and the change of a mutant. */
function copy(own: Node, source: Buffer, called: string, mutant?: Mutant): string {
  const slice = (node: Node) => {
    const { start, end } = ends(node);
    return edited(source, start, end, mutant && within(node, mutant) ? [mutant] : []);
  };
  const returned = child(own, "returnParameters");
  const words = [
    `function ${called}${slice(child(own, "parameters"))}`,
    own.kind === "freeFunction" ? "" : "private",
    ["view", "pure"].includes(String(own.stateMutability)) ? own.stateMutability : "",
    ...modifiersOf(own).map(slice),
    children(returned, "parameters").length > 0 ? `returns ${slice(returned)}` : "",
    slice(child(own, "body")),
  ];
  return `${words.join(" ")}\n`;
}

/** What a constructor sets can not be set by a function: its body is there once a mutant. */
function constructorParts(own: Node, source: Buffer, inside: Mutant[], numbers: Map<Mutant, number>): Part[] {
  const [start] = spanOf(own);
  const { start: bodyStart, end: bodyEnd } = ends(child(own, "body"));
  const parts: Part[] = [{ part: `${source.subarray(start, bodyStart)}{ ` }];
  for (const mutant of inside) {
    parts.push({ part: `if (${name} == ${numbers.get(mutant)}) ` });
    parts.push({ part: edited(source, bodyStart, bodyEnd, [mutant]), mutant }, { part: " else " });
  }
  parts.push({ part: `${source.subarray(bodyStart, bodyEnd)} }` });
  return parts;
}

function constantParts(own: Node, source: Buffer, inside: Mutant[], numbers: Map<Mutant, number>): Part[] {
  const { start, end } = ends(own);
  const { start: valueStart, end: valueEnd } = ends(child(own, "value"));
  const parts: Part[] = [{ part: edited(source, start, valueStart, []) }];
  for (const mutant of inside) {
    parts.push({ part: `${name} == ${numbers.get(mutant)} ? ` });
    parts.push({ part: edited(source, valueStart, valueEnd, [mutant]), mutant }, { part: " : " });
  }
  parts.push({ part: edited(source, valueStart, end, []) });
  return parts;
}

/** By halves, so that gas is about the same whichever of the copies runs. */
function dispatch(inside: Mutant[], numbers: Map<Mutant, number>, call: (suffix: string) => string): string {
  const own = inside.map((mutant) => numbers.get(mutant) as number);
  const half = (from: number, to: number): string => {
    if (to - from === 1) return call(String(own[from]));
    const middle = (from + to) >> 1;
    return `if (${name} < ${own[middle]}) { ${half(from, middle)} } else { ${half(middle, to)} }`;
  };
  return `if (${name} >= ${own[0]} && ${name} <= ${own.at(-1)}) { ${half(0, own.length)} }`;
}

/** The functions with a body and the constants, in the order of the source; not what assembly reads, which can not choose. */
function placesOf(ast: Node): Node[] {
  const all = [...walk(ast)];
  const read = new Set(all.filter(({ nodeType }) => nodeType === "YulIdentifier").map((node) => node.name));
  const found = all.filter((node) => {
    if (isConstant(node)) return !read.has(node.name);
    const kind = String(node.kind);
    return node.nodeType === "FunctionDefinition" && node.body && /^(function|freeFunction|constructor)$/.test(kind);
  });
  return found.sort((a, b) => spanOf(a)[0] - spanOf(b)[0]);
}

function isConstant({ nodeType, constant, value }: Node): boolean {
  return nodeType === "VariableDeclaration" && constant === true && isNode(value);
}

function holds(own: Node, mutant: Mutant): boolean {
  if (isConstant(own)) return within(child(own, "value"), mutant);
  if (within(child(own, "body"), mutant)) return true;
  return own.kind !== "constructor" && modifiersOf(own).some((modifier) => within(modifier, mutant));
}

function modifiersOf(own: Node): Node[] {
  return children(own, "modifiers").filter(({ kind }) => kind === "modifierInvocation");
}

function within(node: Node, { start, end }: Change): boolean {
  const [from, to] = spanOf(node);
  return start >= from && end <= to;
}

function ends(node: Node): { start: number; end: number } {
  const [start, end] = spanOf(node);
  return { start, end };
}

function edited(source: Buffer, from: number, to: number, edits: Change[]): string {
  let text = "";
  let at = from;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    text += source.subarray(at, edit.start).toString() + edit.text;
    at = edit.end;
  }
  return text + source.subarray(at, to).toString();
}
