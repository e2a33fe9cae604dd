// References: a cell's key, its letters, and formulas in relative notation (R[0]C[-1]) as the engine reads them (J14).

const QUOTED = /("(?:[^"]|"")*"|'(?:[^']|'')*')/;
const RELATIVE = /R(\[-?\d+\]|\d+)C(\[-?\d+\]|\d+)/g;

export const keyOf = (sheet, row, column) => (sheet * 1048576 + row) * 16384 + column;

export function letters(column) {
  let text = "";
  for (; column > 0; column = Math.floor((column - 1) / 26)) text = String.fromCharCode(65 + ((column - 1) % 26)) + text;
  return text;
}

export const cellName = (row, column) => letters(column) + row;

export function columnNumber(text) {
  return [...text].reduce((sum, letter) => 26 * sum + letter.charCodeAt(0) - 64, 0);
}

const place = (text, at) => (text[0] === "[" ? at + Number(text.slice(1, -1)) : Number(text));

// The formula as it stands in the cell at (row, column), without "="; `fixed` keeps the $ of what doesn't move.
export function a1(relative, row, column, fixed = true) {
  const sign = (text) => (fixed && text[0] !== "[" ? "$" : "");
  return relative
    .split(QUOTED)
    .map((part, k) =>
      k % 2
        ? part
        : part.replace(RELATIVE, (_, r, c) => sign(c) + letters(place(c, column)) + sign(r) + place(r, row)),
    )
    .join("");
}
