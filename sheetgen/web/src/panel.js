// Beside the page: what a chosen cell holds, where it comes from, what uses it; and what it touches lights up.

import { cellName } from "./a1.js";
import { area, make } from "./dom.js";
import { explain } from "./explain.js";
import { formulaOf, readers } from "./formula.js";
import { cellTitle } from "./names.js";
import { brief, isBrief } from "./numbers.js";
import { placeOf } from "./sheet.js";

const MOST_USES = 8;
const LONGEST = 400; // letters of a formula that is shown

export class Panel {
  constructor(page, editing, go) {
    this.page = page;
    this.editing = editing;
    this.go = go;
    this.element = make("section", { class: "cellpanel", "aria-live": "polite", hidden: true });
    this.lit = [];
    this.beams = [];
  }

  show(cell) {
    this.cell = cell;
    this.clear();
    this.element.hidden = !cell;
    if (!cell) return this.element.replaceChildren();
    const { data } = cell.region;
    const found = explain(this.page, cell);
    const close = make("button", { type: "button", class: "close", "aria-label": "Close", on: { click: () => this.page.tell("select", null) } }, "×");
    const parts = [make("header", {}, make("h2", {}, data.name, " ", make("small", {}, placeOf(cell))), close)];
    if (cell.editable) parts.push(...this.typed(cell));
    else if (found) parts.push(make("p", { class: "words" }, ...this.pieces(found.words)), this.sum(cell, found.pieces));
    else parts.push(make("p", { class: "sum" }, make("strong", {}, `= ${brief(cell.value)}`)));
    if (cell.before !== undefined && cell.before !== cell.value && cell.before !== null)
      parts.push(make("p", { class: "before" }, `before: ${brief(cell.before)}`));
    if (data.note) parts.push(make("p", { class: "about" }, data.note));
    const formula = formulaOf(this.page, cell);
    if (formula) {
      const text = formula.length > LONGEST ? `${formula.slice(0, LONGEST)}…` : formula;
      parts.push(make("p", { class: "formula" }, make("b", {}, cellName(cell.row, cell.column)), ` =${text}`));
    }
    const uses = this.uses(cell);
    if (uses) parts.push(uses);
    this.element.replaceChildren(...parts);
    if (found && !cell.editable) this.light(found.pieces);
    this.page.tell("lit", cell);
  }

  typed(cell) {
    const by = (text, name, step) =>
      make("button", { type: "button", class: "nudge", "aria-label": name, on: { click: () => this.editing.nudge(cell, step) } }, text);
    if (cell.region.data.kind === "text") return [];
    const told = cell.region.data.prompt || "A number that you can change: type over it, drag it sideways, or use − and +.";
    const value = make("button", { type: "button", class: "value", "aria-label": "Type another number", on: { click: () => this.editing.start(cell) } },
      cell.value === null ? "…" : String(cell.value).replace("-", "−")); // prettier-ignore
    const parts = [make("div", { class: "typed" }, by("−", "One less", -1), value, by("+", "One more", 1))];
    if (cell.value !== cell.start) {
      const back = make("button", { type: "button", on: { click: () => this.editing.history.change([[cell, cell.start]]) } }, `back to ${brief(cell.start)}`);
      parts[0].append(back);
    }
    return [make("p", { class: "about" }, told), ...parts];
  }

  // What a formula has; negative numbers stand in brackets behind a sign, and a pair on one line.
  pieces(found) {
    const made = [];
    found.forEach((piece, k) => {
      const element = this.piece(piece, /[·÷−+^×] ?$/.test(found[k - 1]?.text ?? "") || found[k + 1]?.text?.[0] === "^");
      if (piece.pair && piece.pair === found[k - 1]?.pair) made.at(-1).append(element);
      else made.push(piece.pair ? make("span", { class: "pair" }, element) : element);
    });
    return made;
  }

  piece(piece, signed = false) {
    if (!piece.cell) return make("span", { class: [piece.side, piece.pale && "pale"].filter(Boolean).join(" ") }, piece.text);
    const { cell } = piece;
    const classes = ["factor", piece.side, piece.pale ? "pale" : ""].join(" ");
    const button = make("button", { type: "button", class: classes, "aria-label": `${cellTitle(cell)}: ${brief(cell.value)}` },
      signed && cell.value < 0 ? `(${brief(cell.value)})` : brief(cell.value)); // prettier-ignore
    button.dataset.pair = piece.pair ?? "";
    button.addEventListener("click", () => cell.region && this.go(cell));
    const lift = (on) => {
      for (const [element, other] of this.lit)
        if (other.cell === cell || (piece.pair && other.pair === piece.pair)) element.classList.toggle("lift", on);
    };
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => lift(true));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => lift(false));
    return button;
  }

  sum(cell, pieces) {
    if (pieces.length === 1 && pieces[0].cell?.value === cell.value) return make("p", { class: "sum" }, this.piece(pieces[0]));
    if (pieces.length === 1 && pieces[0].text === `“${cell.value}”`) return make("p", { class: "sum" }, make("strong", {}, cell.value));
    const exact = isBrief(cell.value) && pieces.every((piece) => !piece.cell || isBrief(piece.cell.value));
    const result = make("strong", {}, ` ${exact ? "=" : "≈"} ${brief(cell.value)}`);
    return make("p", { class: "sum" }, ...this.pieces(pieces), result);
  }

  uses(cell) {
    const found = readers(this.page, cell).filter((other) => other.element);
    if (!found.length) return null;
    const groups = new Map();
    for (const other of found) {
      const name = other.region.role === "copy" ? `${other.region.data.name} (copy)` : other.region.data.name;
      if (!groups.has(name)) groups.set(name, other);
    }
    const buttons = [...groups].slice(0, MOST_USES).map(([name, other]) =>
      make("button", { type: "button", on: { click: () => this.go(other) } }, name));
    return make("p", { class: "uses" }, "used by ", ...buttons);
  }

  light(pieces) {
    this.cell.element?.classList.add("chosen");
    for (const piece of pieces) {
      if (!piece.cell?.element) continue;
      piece.cell.element.classList.add("lit", `lit-${piece.side ?? "left"}`);
      this.lit.push([piece.cell.element, piece]);
    }
    for (const side of ["left", "right"]) this.beam(side, pieces.filter((piece) => piece.side === side).map((piece) => piece.cell));
  }

  // From an operand that stands in the cell's own row or column, a band to the cell.
  beam(side, cells) {
    const { row, column, sheet } = this.cell;
    const along = cells.length > 1 && cells.every((cell) => cell.sheet === sheet && cell.row === row);
    const down = cells.length > 1 && cells.every((cell) => cell.sheet === sheet && cell.column === column);
    if (!along && !down) return;
    const numbers = cells.map((cell) => (along ? cell.column : cell.row));
    const own = along ? column : row;
    const [first, last] = own > Math.max(...numbers) ? [Math.max(...numbers) + 1, own - 1] : [own + 1, Math.min(...numbers) - 1];
    if (first > last) return;
    const band = make("div", { class: `beam ${side}`, "aria-hidden": "true" });
    band.style.gridArea = along ? area(row, first, 1, last - first + 1) : area(first, column, last - first + 1, 1);
    this.cell.element.closest(".sheet")?.append(band);
    this.beams.push(band);
  }

  clear() {
    for (const [element] of this.lit) element.classList.remove("lit", "lit-left", "lit-right", "lit-added", "lift");
    this.lit = [];
    for (const band of this.beams) band.remove();
    this.beams = [];
  }
}
