// Changing a number: typed, dragged sideways, or by − and +. And walking through the cells with the keyboard.

import { make } from "./dom.js";
import { allowed, wanted } from "./history.js";

const STEP = 12; // pixels of a drag for 1

export class Editing {
  constructor(page, history, select) {
    this.page = page;
    this.history = history;
    this.select = select;
    this.input = null;
  }

  listen(root) {
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("dblclick", (event) => cellOf(event)?.region.data.kind !== "switch" && this.start(cellOf(event)));
    root.addEventListener("pointerdown", (event) => this.grab(event));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => cellOf(event) && !this.input && this.focused(cellOf(event)));
  }

  get live() {
    return Boolean(this.history.live.engine);
  }

  focused(cell) {
    this.tab?.setAttribute("tabindex", "-1");
    this.tab = cell.element;
    this.tab.setAttribute("tabindex", "0");
  }

  clicked(event) {
    const cell = cellOf(event);
    if (!cell || event.target.closest("input")) return;
    if (this.dragged) return void (this.dragged = false);
    cell.element.focus({ preventScroll: true });
    this.select(cell);
    if (cell.editable && cell.region.data.kind === "switch") this.set(cell, cell.value ? 0 : 1);
  }

  set(cell, value, joined = false) {
    const number = allowed(cell, value);
    return number === null ? Promise.resolve() : this.history.change([[cell, number]], joined);
  }

  // One more or less; 0 and 1 change places.
  nudge(cell, by) {
    if (!cell.editable) return;
    if (cell.region.data.kind === "switch") this.set(cell, by > 0 ? 1 : 0);
    else this.set(cell, Number(((Number(cell.value) || 0) + by).toFixed(6)));
  }

  start(cell, text) {
    if (!cell?.editable || this.input || !this.live) return;
    if (cell.region.data.kind === "switch" && text === undefined) return void this.set(cell, cell.value ? 0 : 1);
    const input = make("input", { class: "entry", type: "text", inputmode: "text", "aria-label": "New number", value: text ?? cell.value ?? "" });
    this.input = input;
    this.page.tell("typing");
    cell.element.append(input);
    input.focus();
    if (text === undefined) input.select();
    else input.setSelectionRange(text.length, text.length);
    const end = (keep, way) => {
      if (this.input !== input) return;
      this.input = null;
      const typed = input.value;
      input.remove();
      const clears = cell.region.role === "blank" || cell.region.role === "entry";
      if (keep && typed.trim() === "" && clears) this.history.change([[cell, null]]);
      else if (keep && allowed(cell, typed) === null) this.page.tell("say", `Here goes ${wanted(cell, typed)}.`);
      else if (keep) this.set(cell, typed);
      if (way) this.move(cell, way);
      else if (keep !== "blur") cell.element.focus({ preventScroll: true });
    };
    input.addEventListener("blur", () => end("blur"));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") end(false);
      if (event.key === "Enter") end(true, event.shiftKey ? [-1, 0] : [1, 0]);
      if (event.key === "Tab") {
        event.preventDefault();
        end(true, event.shiftKey ? [0, -1] : [0, 1]);
      }
    });
  }

  grab(event) {
    const cell = cellOf(event);
    if (!cell?.editable || event.pointerType === "touch" || event.button || this.input || !this.live) return;
    if (cell.region.data.kind === "switch" || cell.region.data.kind === "text" || cell.value === null) return;
    const from = event.clientX;
    const start = Number(cell.value) || 0;
    let begun = false;
    const move = (at) => {
      const far = at.clientX - from;
      if (!begun && Math.abs(far) < 5) return;
      const whole = cell.region.data.kind === "whole";
      const by = at.shiftKey && !whole ? 0.1 : 1;
      const value = Number((start + Math.round(far / STEP) * by).toFixed(6));
      if (!begun) this.select(cell);
      if (value !== cell.value) this.set(cell, value, begun && this.dragging === cell);
      this.dragging = value === start ? null : cell;
      begun = true;
      document.body.classList.add("dragging");
    };
    const end = () => {
      removeEventListener("pointermove", move);
      for (const over of ["pointerup", "pointercancel"]) removeEventListener(over, end);
      document.body.classList.remove("dragging");
      this.dragging = null;
      this.dragged = begun;
      if (begun) setTimeout(() => (this.dragged = false));
    };
    addEventListener("pointermove", move);
    for (const over of ["pointerup", "pointercancel"]) addEventListener(over, end);
  }

  key(event) {
    const cell = cellOf(event);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const { key } = event;
    if (ways[key]) this.move(cell, ways[key]);
    else if (key === "Enter" || key === "F2") cell.editable ? this.start(cell) : this.select(cell);
    else if (key === " ") this.select(cell);
    else if ((key === "Delete" || key === "Backspace") && cell.editable)
      this.history.change([[cell, cell.region.role === "blank" || cell.region.role === "entry" ? null : 0]]);
    else if (cell.editable && (/^[-−+.,\d]$/.test(key) || (cell.region.data.kind === "text" && key.length === 1))) {
      if (cell.region.data.kind === "switch") this.set(cell, key);
      else this.start(cell, key);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // To the next cell that way: the nearest in a straight line, or else the nearest there is.
  move(cell, [down, across]) {
    let best = null;
    let least = Infinity;
    for (const region of this.page.regions) {
      if (region.sheet !== cell.sheet || !region.element) continue;
      for (const other of region.cells) {
        if (other === cell || !other.element || this.page.off(region.step) || (other.row - cell.row) * down < 0 || (other.column - cell.column) * across < 0) continue;
        if (down ? other.row === cell.row : other.column === cell.column) continue;
        const far = Math.abs(other.row - cell.row) * (down ? 1 : 30) + Math.abs(other.column - cell.column) * (across ? 1 : 30);
        if (far >= least) continue;
        least = far;
        best = other;
      }
    }
    if (!best) return;
    best.element.focus();
    this.select(best);
  }
}

export function cellOf(event) {
  return event.target.closest?.(".cell")?.cell ?? null;
}
