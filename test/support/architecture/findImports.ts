/** One import of a source file. */
export type Import = {
  /** What is imported; undefined for an `import()` of something that is no literal. */
  specifier: string | undefined;
  /** Whether it vanishes when types are stripped. */
  typeOnly: boolean;
};

/** All that a TypeScript file imports: statically, dynamically, for side effects, in re-exports and by `require`. */
export function findImports(source: string): Import[] {
  const { code, texts } = withoutTexts(source);
  const found: Import[] = [];
  for (const { pattern, typed } of forms) {
    for (const match of code.matchAll(pattern)) {
      const text = match.groups?.text;
      const specifier = text === undefined ? undefined : texts[Number(text)];
      found.push({ specifier, typeOnly: typed && match.groups?.type !== undefined });
    }
  }
  return found;
}

/** The code of a file without its comments, its literals' contents and its regular expressions. */
export function bareCode(source: string): string {
  return withoutTexts(source).code;
}

const forms = [
  {
    typed: true,
    pattern: /(?<![.\w$])(?:import|export)\b(?<type>\s+type\b)?[\w$*{},\s]+?(?<![\w$])from\s*"(?<text>\d+)"/g,
  },
  { typed: false, pattern: /(?<![.\w$])import\s*"(?<text>\d+)"/g },
  { typed: false, pattern: /(?<![.\w$])import\s*\(\s*(?:"(?<text>\d+)"\s*[,)])?/g },
  { typed: false, pattern: /(?<![.\w$])require\s*\(\s*"(?<text>\d+)"/g },
];

/** Every literal becomes its number in quotes, so that code inside of a text is never taken for code. */
function withoutTexts(source: string): { code: string; texts: string[] } {
  const texts: string[] = [];
  let code = "";
  let at = 0;

  function lex(inTemplate: boolean): void {
    let depth = 0;
    while (at < source.length) {
      const rest = source.slice(at, at + 2);
      const character = source[at] ?? "";
      if (inTemplate && character === "}" && depth === 0) return;
      if (character === "{") depth++;
      if (character === "}") depth--;
      if (rest === "//" || rest === "/*") skipComment(rest);
      else if (character === '"' || character === "'") takeText(character);
      else if (character === "`") takeTemplate();
      else if (character === "/" && startsRegex()) takeRegex();
      else {
        code += character;
        at++;
      }
    }
  }

  function skipComment(opening: string): void {
    const end = opening === "//" ? source.indexOf("\n", at) : source.indexOf("*/", at + 2) + 2;
    at = end < at + 2 && opening === "/*" ? source.length : end === -1 ? source.length : end;
    code += " ";
  }

  function takeText(quote: string): void {
    const start = ++at;
    while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
    put(source.slice(start, at));
    at++;
  }

  function takeTemplate(): void {
    const start = ++at;
    let parts = 0;
    while (at < source.length && source[at] !== "`") {
      if (source[at] === "\\") at += 2;
      else if (source.startsWith("${", at)) {
        at += 2;
        parts++;
        code += "(";
        lex(true);
        code += ")+";
        at++;
      } else at++;
    }
    if (parts === 0) put(source.slice(start, at));
    else code += "0";
    at++;
  }

  /** A slash after a value divides; after an operator, an opening bracket or a keyword it starts a regular expression. */
  function startsRegex(): boolean {
    const before = code.trimEnd();
    return (
      before === "" || /[([{,;=:!&|?+\-*%<>~^}]$/.test(before) || /\b(?:return|case|typeof|in|of|await)$/.test(before)
    );
  }

  function takeRegex(): void {
    const match = /\/(?:[^\\/[\n]|\\.|\[(?:[^\\\]\n]|\\.)*\])+\//y;
    match.lastIndex = at;
    const length = match.exec(source)?.[0].length;
    code += length ? "0" : "/";
    at += length ?? 1;
  }

  function put(text: string): void {
    code += `"${texts.push(text) - 1}"`;
  }

  lex(false);
  return { code, texts };
}
