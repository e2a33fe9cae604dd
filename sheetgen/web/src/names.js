// What cells are called where they are told about, and the numbers that formulas only look up.

import { cellsOf, tree } from "./formula.js";
import { placeOf } from "./sheet.js";

export const single = (ref) => ref.kind === "ref" && ref.height * ref.width === 1;
export const bare = (node) => (node.kind === "group" ? bare(node.args[0]) : node);
const SUMS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b };

// The number of a cell, or of a sum of such; undefined for anything else.
export function numberIn(page, node) {
  node = bare(node);
  if (node.kind === "number") return node.value;
  if (node.kind === "minus") return -numberIn(page, node.args[0]);
  if (node.kind === "op" && SUMS[node.op]) return SUMS[node.op](...node.args.map((arg) => numberIn(page, arg)));
  return single(node) ? cellsOf(page, node)[0]?.value : undefined;
}

// The cell that a linked copy shows, or the cell itself.
function shownBy(page, cell) {
  const root = cell.region?.role === "copy" ? tree(page, cell) : null;
  const [source] = root && single(root) ? cellsOf(page, root) : [];
  return source?.region ? shownBy(page, source) : cell;
}

// What a line of cells is called: "row 1 of W1", "column A of X", or the whole of it; of copies, what they show.
export function lineName(page, cells) {
  cells = cells.map((cell) => shownBy(page, cell));
  const [first] = cells;
  const { region } = first;
  if (!region) return "other cells";
  const { name, rows, columns } = region.data;
  if (!cells.every((cell) => cell.region === region)) {
    const names = [...new Set(cells.map((cell) => cell.region?.data.name ?? "text"))];
    return names.length > 3 ? `${names.slice(0, 2).join(", ")} …` : names.join(" and ");
  }
  if (cells.length === 1) return cellTitle(first);
  if (cells.length === region.height * region.width) return name;
  if (cells.every((cell) => cell.i === first.i)) return `row ${rows ? rows[first.i] : first.i + 1} of ${name}`;
  if (cells.every((cell) => cell.j === first.j)) return `column ${columns ? columns[first.j] : first.j + 1} of ${name}`;
  return `a part of ${name}`;
}

export function cellTitle(cell) {
  if (!cell.region) return "a text";
  const place = placeOf(cell);
  return place ? `${cell.region.data.name}, ${place}` : cell.region.data.name;
}

export const capital = (text) => (/^(row|column|a part|other) /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);
