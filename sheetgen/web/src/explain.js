// Where a cell's number comes from: in words, and with the numbers put in. Operands are "left", "right" and "added".

import { cellsOf, references, tree } from "./formula.js";
import { lookedUp } from "./lookups.js";
import { bare, capital, cellTitle, lineName, numberIn, single } from "./names.js";
import { brief } from "./numbers.js";
import { captionOf } from "./sheet.js";

const MOST = 12; // terms that are written out
const MOST_EACH = 6; // of those that take more than a product

const line = (ref) => ref.kind === "ref" && (ref.height === 1 || ref.width === 1);
const turned = (node) => (node.kind === "call" && node.name === "TRANSPOSE" ? bare(node.args[0]) : node);

// What meets a 1 that stands there for a bias is only added.
function met(left, right) {
  if (right.region?.role === "ones") return { added: left };
  return left.region?.role === "ones" ? { added: right } : { left, right };
}

// A sum of products as its terms, or null: {left, right} are cells that meet, {added} is one that is only added.
function terms(page, node) {
  node = bare(node);
  if (node.kind === "op" && node.op === "+") {
    const [a, b] = node.args.map((arg) => terms(page, arg));
    return a && b ? [...a, ...b] : null;
  }
  if (node.kind === "call" && (node.name === "MMULT" || node.name === "SUMPRODUCT") && node.args.length === 2) {
    const [left, right] = node.args.map((arg) => turned(bare(arg)));
    if (left.kind !== "ref" || right.kind !== "ref") return null;
    if (node.name === "MMULT" && !(line(left) && line(right))) return null;
    const [a, b] = [cellsOf(page, left), cellsOf(page, right)];
    return a.length === b.length && a.every(Boolean) && b.every(Boolean) ? a.map((cell, k) => met(cell, b[k])) : null;
  }
  if (node.kind === "op" && node.op === "*" && node.args.every((arg) => single(bare(arg)))) {
    const [[left], [right]] = node.args.map((arg) => cellsOf(page, bare(arg)));
    return left && right ? [met(left, right)] : null;
  }
  if (node.kind === "call" && node.name === "SUM") {
    const found = node.args.map(bare);
    if (!found.every((arg) => arg.kind === "ref")) return null;
    const cells = found.flatMap((arg) => cellsOf(page, arg));
    return cells.every(Boolean) ? cells.map((added) => ({ added })) : null;
  }
  if (single(node)) {
    const [added] = cellsOf(page, node);
    return added ? [{ added }] : null;
  }
  return null;
}

function productWords(page, found) {
  const pairs = found.filter((term) => term.left);
  const added = found.filter((term) => term.added).map((term) => term.added);
  const words = [];
  if (pairs.length) {
    words.push({ text: capital(lineName(page, pairs.map((term) => term.left))), side: "left" }, { text: " times " });
    words.push({ text: lineName(page, pairs.map((term) => term.right)), side: "right" });
    if (pairs.length > 1) words.push({ text: ", pair by pair, added up" });
    if (added.length) words.push({ text: ", plus " }, { text: lineName(page, added), side: "added" });
  } else {
    words.push({ text: capital(lineName(page, added)), side: "added" });
    if (added.length > 1) words.push({ text: ", added up" });
  }
  return [...words, { text: "." }];
}

function termPieces(found) {
  const pieces = [];
  const shown = found.length > MOST + 2 ? [...found.slice(0, MOST - 2), null, found.at(-1)] : found;
  shown.forEach((term, k) => {
    if (k) pieces.push({ text: " + ", pale: pale(term) });
    if (!term) pieces.push({ text: `… ${found.length - MOST + 1} more …` });
    else if (term.left) {
      const pair = `p${k}`;
      pieces.push({ cell: term.left, side: "left", pair, pale: pale(term) }, { text: "·", pair, pale: pale(term) });
      pieces.push({ cell: term.right, side: "right", pair, pale: pale(term) });
    } else pieces.push({ cell: term.added, side: "added", pale: pale(term) });
  });
  return pieces;
}

const pale = (term) => Boolean(term?.left) && (term.left.value === 0 || term.right.value === 0);

// Any other formula, as it would be written by hand, with the numbers put in.
const SIGNS = { "*": " · ", "/": " ÷ ", "+": " + ", "-": " − ", "^": "^", "&": " & ", "<>": " ≠ ", "<=": " ≤ ", ">=": " ≥ ", "=": " = ", "<": " < ", ">": " > " };
const CALLS = { EXP: "exp", LN: "ln", SQRT: "√", MAX: "max", MIN: "min", ABS: "abs", TANH: "tanh", SUM: "sum", AVERAGE: "mean of",
  ROUND: "round", SIGN: "sign", ERF: "erf", SUMPRODUCT: "sum of products of", MMULT: "", TRANSPOSE: "", IF: "if" }; // prettier-ignore

// A range among operators, such as in SUM(A1:A3*B1:B3), is taken cell by cell: of each range of that size the k-th.
const wide = (node) => (node.kind === "ref" ? node.height * node.width : Math.max(1, ...(node.args ?? []).map(wide)));
const picked = (node, k) =>
  node.kind === "ref" && wide(node) > 1
    ? { ...node, row: node.row + Math.floor(k / node.width), column: node.column + (k % node.width), height: 1, width: 1 }
    : node.args ? { ...node, args: node.args.map((arg) => picked(arg, k)) } : node; // prettier-ignore
const elementwise = (node) => node.kind === "op" || (node.kind !== "call" && Boolean(node.args?.some(elementwise)));

function putEach(page, node, pieces) {
  const count = wide(node);
  for (let k = 0; k < Math.min(count, MOST_EACH); k++) {
    if (k) pieces.push({ text: " + " });
    put(page, picked(node, k), pieces, "left");
  }
  if (count > MOST_EACH) pieces.push({ text: ` + … ${count - MOST_EACH} more …` });
}

function put(page, node, pieces, side) {
  switch (node.kind) {
    case "number":
      pieces.push({ text: String(node.value).replace("-", "−") });
      break;
    case "text":
      pieces.push({ text: `“${node.text}”` });
      break;
    case "ref": {
      const cells = cellsOf(page, node);
      cells.slice(0, cells.length > 6 ? 4 : 6).forEach((cell, k) => {
        if (k) pieces.push({ text: ", " });
        pieces.push(cell ? { cell, side } : { text: "–" });
      });
      if (cells.length > 6) pieces.push({ text: `, … ${cells.length} numbers` });
      break;
    }
    case "minus":
      pieces.push({ text: "−" });
      put(page, node.args[0], pieces, side);
      break;
    case "group":
      pieces.push({ text: "(" });
      put(page, node.args[0], pieces, side);
      pieces.push({ text: ")" });
      break;
    case "op":
      put(page, node.args[0], pieces, node.op === "/" || node.op === "-" || node.op === "*" ? "left" : side);
      pieces.push({ text: SIGNS[node.op] });
      put(page, node.args[1], pieces, node.op === "/" || node.op === "-" || node.op === "*" ? "right" : side);
      break;
    case "call": {
      const looked = lookedUp(page, node);
      if (looked) {
        pieces.push(...looked.pieces);
        break;
      }
      const truth = node.name === "IF" ? compared(page, node.args[0]) : null;
      if (truth !== null && node.args.length === 3) return put(page, node.args[truth ? 1 : 2], pieces, side);
      const [inner] = node.args;
      if ((node.name === "SUM" || node.name === "AVERAGE") && node.args.length === 1 && elementwise(inner) && wide(inner) > 1) {
        const mean = node.name === "AVERAGE";
        pieces.push({ text: mean ? "((" : "(" });
        putEach(page, inner, pieces);
        pieces.push({ text: mean ? `) ÷ ${wide(inner)})` : ")" });
        break;
      }
      const product = node.name === "MMULT" || node.name === "SUM" || node.name === "SUMPRODUCT" ? terms(page, node) : null;
      if (product && product.length <= MOST) {
        pieces.push({ text: "(" }, ...termPieces(product), { text: ")" });
        break;
      }
      pieces.push({ text: `${CALLS[node.name] ?? node.name.toLowerCase()}(` });
      node.args.forEach((arg, k) => {
        if (k) pieces.push({ text: "; " });
        put(page, arg, pieces, side);
      });
      pieces.push({ text: ")" });
    }
  }
}

function compared(page, node) {
  node = bare(node);
  if (node.kind !== "op") return null;
  const [a, b] = node.args.map((arg) => numberIn(page, arg));
  if (typeof a !== "number" || typeof b !== "number") return null;
  return { "=": a === b, "<>": a !== b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b }[node.op] ?? null;
}

// Of max(0, min(1, x)) the x.
function held({ kind, name, args }) {
  if (kind !== "call" || name !== "MAX" || args.length !== 2 || args[0].value !== 0) return null;
  const inner = bare(args[1]);
  return inner.kind === "call" && inner.name === "MIN" && inner.args[0]?.value === 1 ? inner.args[1] : null;
}

// {words, pieces}: what a cell's formula does; null where a number was typed.
export function explain(page, cell) {
  const root = tree(page, cell);
  if (!root) return null;
  if (single(root)) {
    const [source] = cellsOf(page, root);
    if (source) return { words: [{ text: "A linked copy of " }, { text: cellTitle(source), side: "left" }, { text: "." }], pieces: [{ cell: source, side: "left" }] };
  }
  if (root.kind === "number") return { words: [{ text: `Always ${brief(root.value)}.` }], pieces: [] };
  const found = terms(page, root);
  if (found) return { words: productWords(page, found), pieces: termPieces(found) };
  const looked = lookedUp(page, root);
  if (looked) return looked;
  const pieces = [];
  if (held(root)) {
    put(page, root, pieces, "left");
    return { words: [{ text: "Held between 0 and 1: what is less becomes 0, what is more becomes 1." }], pieces };
  }
  if (root.kind === "call" && root.name === "MAX" && root.args.length === 2 && numberIn(page, root.args[0]) === 0) {
    const sum = terms(page, root.args[1]);
    if (sum && sum.length > 1) pieces.push(...termPieces(sum));
    else put(page, root.args[1], pieces, "left");
    const inner = numberIn(page, root.args[1]);
    const negative = typeof inner === "number" ? inner < 0 : cell.value === 0;
    const what = typeof inner === "number" ? brief(inner) : "This";
    const words = negative ? `${what} is ${typeof inner === "number" ? "negative" : "not above 0"}, so it becomes 0.` : `${what} isn’t negative, so it stays.`;
    return { words: [{ text: words }], pieces: [{ text: "max(0; " }, ...pieces, { text: ")" }] };
  }
  put(page, root, pieces, "left");
  return branched(page, root) ?? { words: wordsOf(page, cell, root), pieces };
}

// Of a formula that asks: the last condition that counted, and the branch that it leads to.
function branched(page, root) {
  let [node, asked, truth] = [root, null, null];
  while (node.kind === "call" && node.name === "IF") {
    truth = compared(page, node.args[0]);
    if (truth === null) break;
    asked = node.args[0];
    node = bare(node.args[truth ? 1 : 2] ?? { kind: "text", text: "" });
  }
  if (!asked) return null;
  const [condition, result] = [[], []];
  put(page, asked, condition, "left");
  put(page, node, result, "right");
  const words = [{ text: "The condition " }, ...condition, { text: truth ? " holds." : " doesn’t hold." }];
  return { words, pieces: result };
}

function wordsOf(page, cell, root) {
  const names = [...new Set([...references(root)].flatMap((ref) => cellsOf(page, ref).slice(0, 1)).map((each) => each?.region?.data.name).filter(Boolean))];
  const caption = cell.region ? captionOf(cell.region) : "";
  const words = caption && caption !== cell.region.data.name ? [{ text: `${caption}. ` }] : [];
  if (names.length) words.push({ text: `Worked out from ${names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0]}.` });
  return words;
}
