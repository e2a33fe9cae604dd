// What is looked up: a number at a place, how often one stands somewhere, and the sum of those beside it.

import { cellsOf, references } from "./formula.js";
import { capital, cellTitle, lineName, numberIn } from "./names.js";
import { brief } from "./numbers.js";

const MOST = 12; // numbers that are written out

// {words, pieces} of INDEX, COUNTIF and SUMIF; null for anything else.
export function lookedUp(page, node) {
  return node.kind === "call" && LOOKUPS[node.name] ? LOOKUPS[node.name](page, node.args) : null;
}

const LOOKUPS = {
  INDEX(page, [range, ...places]) {
    const cells = range.kind === "ref" ? cellsOf(page, range) : [];
    const at = places.map((place) => numberIn(page, place));
    const [row, column] = at.length > 1 ? at : range.height === 1 ? [1, at[0]] : [at[0], 1];
    const cell = cells[(row - 1) * range.width + column - 1];
    const askers = places.flatMap((place) => [...references(place)]).flatMap((ref) => cellsOf(page, ref)).filter(Boolean);
    if (!cell) return null;
    const asked = askers.flatMap((asker, k) => [{ text: k ? ", " : ": " }, { cell: asker, side: "right" }]);
    const words = [{ text: capital(cellTitle(cell)), side: "left" }, { text: askers.length ? `, picked by ${cellTitle(askers[0])}` : "" }, ...asked, { text: "." }];
    return { words, pieces: [{ cell, side: "left" }] };
  },
  COUNTIF(page, [range, wanted]) {
    const cells = range.kind === "ref" ? cellsOf(page, range) : [];
    const number = numberIn(page, wanted);
    if (typeof number !== "number" || !cells.every(Boolean) || !cells.length) return null;
    const count = cells.filter((cell) => cell.value === number).length;
    const words = [{ text: `How often ${brief(number)} stands in ` }, { text: lineName(page, cells), side: "left" }, { text: "." }];
    return { words, pieces: [{ text: String(count) }] };
  },
  SUMIF(page, [range, wanted, sums]) {
    if (range.kind !== "ref" || sums?.kind !== "ref") return null;
    const [asked, added] = [cellsOf(page, range), cellsOf(page, sums)];
    const number = numberIn(page, wanted);
    if (typeof number !== "number" || !asked.every(Boolean) || !added.every(Boolean)) return null;
    const chosen = added.filter((_, k) => asked[k].value === number);
    const words = [
      { text: capital(lineName(page, added)), side: "left" }, { text: `, where ${brief(number)} stands in ` },
      { text: lineName(page, asked), side: "right" }, { text: chosen.length ? ", added up." : ", which is nowhere." },
    ]; // prettier-ignore
    const pieces = chosen.slice(0, MOST).flatMap((cell, k) => [...(k ? [{ text: " + " }] : []), { cell, side: "left" }]);
    if (chosen.length > MOST) pieces.push({ text: ` + … ${chosen.length - MOST} more …` });
    return { words, pieces: pieces.length ? pieces : [{ text: "0" }] };
  },
};
