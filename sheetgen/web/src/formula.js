// A formula as a tree: numbers, texts, references, operators, functions. Only to tell about it; the engine calculates.

import { a1, columnNumber } from "./a1.js";

const TOKEN =
  /\s*(?:("(?:[^"]|"")*")|((?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?)|((?:'(?:[^']|'')+'!|[A-Za-z_]\w*!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![\w(]))|([A-Za-z_\\][\w.]*)|(<>|<=|>=|[-+*/^&=<>(),%{};]))/y;
const LEVELS = [["=", "<>", "<", ">", "<=", ">="], ["&"], ["+", "-"], ["*", "/"], ["^"]];

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return null;
    const [, quoted, number, reference, name, sign] = match;
    if (quoted !== undefined) found.push({ kind: "text", text: quoted.slice(1, -1).replaceAll('""', '"') });
    else if (number !== undefined) found.push({ kind: "number", value: Number(number) });
    else if (reference !== undefined) found.push({ kind: "ref", text: reference });
    else if (name !== undefined) found.push({ kind: "name", text: name });
    else found.push({ kind: "sign", text: sign });
  }
  return found;
}

class Parser {
  constructor(list, page, sheet) {
    this.list = list;
    this.at = 0;
    this.page = page;
    this.sheet = sheet;
  }

  sign(...texts) {
    const token = this.list[this.at];
    if (token?.kind !== "sign" || !texts.includes(token.text)) return null;
    this.at += 1;
    return token.text;
  }

  level(k = 0) {
    if (k === LEVELS.length) return this.unary();
    let left = this.level(k + 1);
    for (let op; (op = this.sign(...LEVELS[k])); ) left = { kind: "op", op, args: [left, this.level(k + 1)] };
    return left;
  }

  unary() {
    const op = this.sign("-", "+");
    if (op) return op === "-" ? { kind: "minus", args: [this.unary()] } : this.unary();
    const value = this.primary();
    return this.sign("%") ? { kind: "op", op: "/", args: [value, { kind: "number", value: 100 }] } : value;
  }

  primary() {
    const token = this.list[this.at];
    if (!token) throw new Error("the formula ends too early");
    this.at += 1;
    if (token.kind === "number" || token.kind === "text") return token;
    if (token.kind === "ref") return reference(token.text, this.page, this.sheet);
    if (token.kind === "name") {
      if (!this.sign("(")) return this.named(token.text);
      const args = [];
      if (!this.sign(")")) {
        do args.push(this.list[this.at]?.text === "," ? { kind: "number", value: 0 } : this.level());
        while (this.sign(","));
        if (!this.sign(")")) throw new Error("a bracket is missing");
      }
      return { kind: "call", name: token.text, args };
    }
    if (token.text === "(") {
      const inner = this.level();
      if (!this.sign(")")) throw new Error("a bracket is missing");
      return { kind: "group", args: [inner] };
    }
    throw new Error("unexpected sign");
  }

  named(text) {
    if (/^(TRUE|FALSE)$/i.test(text)) return { kind: "number", value: /true/i.test(text) ? 1 : 0 };
    const found = this.page.plan.names.find(([name]) => name === text);
    if (!found || found[1].includes(",")) throw new Error("an unknown name");
    return reference(found[1], this.page, this.sheet);
  }
}

export function reference(text, page, sheet) {
  const [, quoted, plain, left, top, right, bottom] =
    /^(?:'((?:[^']|'')+)'!|([A-Za-z_]\w*)!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?$/.exec(text);
  const title = quoted?.replaceAll("''", "'") ?? plain;
  const row = Number(top);
  const column = columnNumber(left);
  return {
    kind: "ref", sheet: title === undefined ? sheet : page.sheetNumber(title), row, column,
    height: bottom ? Number(bottom) - row + 1 : 1, width: right ? columnNumber(right) - column + 1 : 1,
  }; // prettier-ignore
}

export function formulaOf(page, cell) {
  const number = cell.formula || cell.block;
  if (!number) return null;
  const [row, column] = cell.block ? [cell.region.row, cell.region.column] : [cell.row, cell.column];
  return a1(page.plan.formulas[number - 1], row, column);
}

// The tree of a cell's formula, or null for a number that stands there, or what isn't understood.
export function tree(page, cell) {
  if (cell.tree !== undefined) return cell.tree;
  const text = formulaOf(page, cell);
  cell.tree = null;
  const list = text === null ? null : tokens(text);
  if (!list) return null;
  try {
    const parser = new Parser(list, page, cell.sheet);
    const found = parser.level();
    if (parser.at === list.length) cell.tree = found;
  } catch {
    cell.tree = null;
  }
  return cell.tree;
}

export function* references(node) {
  if (!node) return;
  if (node.kind === "ref") yield node;
  for (const arg of node.args ?? []) yield* references(arg);
}

export function cellsOf(page, ref) {
  const found = [];
  for (let i = 0; i < ref.height; i++)
    for (let j = 0; j < ref.width; j++) found.push(page.at(ref.sheet, ref.row + i, ref.column + j) ?? null);
  return found;
}

// Cell → the cells whose formulas read it, of those that are drawn in matrices; made when first asked for.
export function readers(page, cell) {
  if (!page.readers) {
    page.readers = new Map();
    for (const other of page.cells.values()) {
      if (!other.region || !(other.formula || other.block) || other.region.data.epochs) continue;
      for (const ref of references(tree(page, other)))
        for (const read of cellsOf(page, ref)) {
          if (!read) continue;
          if (!page.readers.has(read)) page.readers.set(read, new Set());
          page.readers.get(read).add(other);
        }
    }
  }
  return [...(page.readers.get(cell) ?? [])];
}
