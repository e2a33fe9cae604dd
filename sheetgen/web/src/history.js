// Edits: undone, done again, reset; and as a link, in the fragment, which is read with suspicion.

import { cellName, columnNumber } from "./a1.js";

export const LARGEST = 1e9;
const UNCLEAR = /^\s*[+\-−]?[1-9]\d{0,2},\d{3}\s*$/; // a thousand to some, one and a bit to others
const LONGEST = 4000;

// What belongs into a cell where something else was typed.
export function wanted(cell, text) {
  const { kind } = cell.region.data;
  if (cell.last !== undefined) return `a whole number from 0 to ${cell.last}`;
  if (kind === "switch") return "0 or 1";
  if (kind === "whole") return "a whole number";
  return UNCLEAR.test(text) ? `a number without a comma, ${text.trim().replace(",", "")} or ${text.trim().replace(",", ".")}` : "a number, such as 2 or -0.5";
}

// What may stand in a cell, as a number (or in a field for a name, a text), or null.
export function allowed(cell, text) {
  if (cell.region.data.kind === "text") return String(text).slice(0, 100);
  if (typeof text === "string" && UNCLEAR.test(text)) return null;
  if (typeof text === "string" && !/^\s*[+\-−]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(text)) return null;
  const number = Number(String(text).replace("−", "-").replace(",", ".").trim());
  if (!Number.isFinite(number) || Math.abs(number) > LARGEST) return null;
  const { kind } = cell.region.data;
  if (kind === "switch" && number !== 0 && number !== 1) return null;
  if (kind === "whole" && !Number.isInteger(number)) return null;
  if (cell.last !== undefined && (number < 0 || number > cell.last)) return null;
  return number;
}

export class History {
  constructor(page, live) {
    this.page = page;
    this.live = live;
    this.done = [];
    this.undone = [];
  }

  get edited() {
    return [...this.page.cells.values()].filter((cell) => cell.editable && cell.value !== cell.start);
  }

  // A change that can be undone; `joined` goes on with the one before, as a drag does.
  change(edits, joined = false) {
    const real = edits.filter(([cell, value]) => cell.value !== value);
    if (!real.length || !this.live.engine) return Promise.resolve();
    const before = real.map(([cell]) => [cell, cell.value]);
    const known = new Set((this.done.at(-1)?.before ?? []).map(([cell]) => cell));
    if (joined && known.size === real.length && real.every(([cell]) => known.has(cell))) {
      const last = this.done.at(-1);
      last.after = real;
      const now = new Map(real);
      if (last.before.every(([cell, value]) => now.get(cell) === value)) this.done.pop(); // there and back
    } else this.done.push({ before, after: real });
    this.undone = [];
    return this.live.edit(real);
  }

  undo() {
    const last = this.done.pop();
    if (!last) return Promise.resolve();
    this.undone.push(last);
    return this.live.edit(last.before);
  }

  redo() {
    const last = this.undone.pop();
    if (!last) return Promise.resolve();
    this.done.push(last);
    return this.live.edit(last.after);
  }

  reset() {
    return this.change(this.edited.map((cell) => [cell, cell.start]));
  }

  fragment() {
    const parts = this.page.state.step === null ? [] : [`step=${this.page.state.from}`];
    for (const cell of this.edited) {
      if (cell.value === null || cell.region.data.kind === "text") continue;
      const sheet = cell.sheet ? `${encodeURIComponent(this.page.plan.sheets[cell.sheet].title)}!` : "";
      parts.push(`${sheet}${cellName(cell.row, cell.column)}=${cell.value}`);
    }
    return parts.join("&");
  }

  // {step, edits} of a fragment; what isn't a known cell and a number that it may hold is left out.
  read(fragment) {
    const found = { step: null, edits: [] };
    for (const part of fragment.replace(/^#/, "").slice(0, LONGEST).split("&")) {
      const [name, value = ""] = part.split("=");
      if (name === "step" && /^\d{1,6}$/.test(value)) found.step = Number(value);
      const match = /^(?:([^!]+)!)?([A-Z]{1,3})(\d{1,7})$/.exec(name);
      if (!match) continue;
      const sheet = match[1] ? this.page.sheetNumber(safely(match[1])) : 0;
      const cell = this.page.at(sheet, Number(match[3]), columnNumber(match[2]));
      const number = cell?.editable && cell.region.data.kind !== "text" ? allowed(cell, value) : null;
      if (number !== null) found.edits.push([cell, number]);
    }
    return found;
  }
}

function safely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
