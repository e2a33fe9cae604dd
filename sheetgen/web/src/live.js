// What happens when a number changes: the engine works everything out, and what changed is drawn anew.

import { holds } from "./page.js";
import { paint, paintSpot } from "./paint.js";

const MOST_FLASHES = 400;
const SLOW = 150; // milliseconds of an evaluation that readers notice
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Live {
  constructor(page) {
    this.page = page;
    this.engine = null;
    this.queue = Promise.resolve();
    this.waiting = new Map(); // cells that were edited, with what they held before
    this.took = 0;
    this.drawn = []; // what `drawSheet` gave
  }

  // All cells, texts and charts as they are now.
  draw() {
    const { page } = this;
    for (const region of page.regions) for (const cell of region.cells) if (cell.element) paint(page, cell);
    for (const label of page.labels) {
      if (label.cell && label.text) label.text.textContent = labelText(label);
      if (label.pale && label.text) label.text.classList.toggle("pale", holds(label.pale));
    }
    this.steps();
    for (const sheet of this.drawn) {
      for (const { row, column, element } of sheet.spots) paintSpot(page, sheet.number, row, column, element);
      for (const chart of sheet.charts) chart.update();
    }
  }

  // What the step and the switch for gradients hide.
  steps() {
    const { page } = this;
    for (const sheet of this.drawn)
      for (const [element, step] of sheet.steps) {
        element.classList.toggle("later", page.later(step));
        element.classList.toggle("off", page.off(step));
      }
  }

  // Takes what the engine holds; returns the cells that are no longer what they were.
  take() {
    const changed = [];
    for (const cell of this.page.cells.values()) {
      if ((!cell.formula && !cell.block) || this.engine.late.has(cell)) continue;
      const value = this.engine.read(cell);
      if (value === cell.value) continue;
      cell.value = value;
      changed.push(cell);
    }
    return changed;
  }

  // Takes all for the first time; returns how far the engine is from the file, at most, relative to what is large.
  compare() {
    const held = new Map([...this.page.cells.values()].map((cell) => [cell, cell.value]));
    let worst = 0;
    for (const cell of this.take()) {
      const old = held.get(cell);
      if (!cell.region || cell.region.data.epochs || typeof old !== "number") continue;
      const off = typeof cell.value === "number" ? Math.abs(cell.value - old) / Math.max(1, Math.abs(old)) : Infinity;
      worst = Math.max(worst, off);
    }
    return worst;
  }

  // One change after the other; what comes while the engine is busy is taken together.
  run() {
    this.next ??= this.queue.then(() => {
      this.next = null;
      return this.change();
    });
    return (this.queue = this.next.catch(() => {}));
  }

  // The reader has changed numbers: [[cell, value]]. They show at once, and what follows from them when it is known.
  edit(edits) {
    for (const [cell, value] of edits) {
      if (!this.waiting.has(cell)) this.waiting.set(cell, cell.value);
      cell.value = value;
      if (cell.element) paint(this.page, cell);
    }
    return this.run();
  }

  async change() {
    const edits = this.waiting;
    this.waiting = new Map();
    const held = new Map();
    for (const region of this.page.regions) for (const cell of region.cells) if (cell.formula || cell.block) held.set(cell, cell.value);
    if (this.took > SLOW) {
      this.page.tell("busy");
      await new Promise((done) => setTimeout(done, 20)); // so that it is seen
    }
    const start = performance.now();
    await this.engine.evaluate([...edits.keys()]);
    this.took = performance.now() - start;
    const changed = this.take();
    if (edits.size) {
      for (const cell of this.page.cells.values()) cell.before = undefined;
      const begun = [...this.page.cells.values()].some((cell) => cell.editable && cell.value !== cell.start);
      if (begun) for (const [cell, value] of [...edits, ...changed.map((each) => [each, held.get(each)])]) cell.before = value;
    }
    const all = [...edits.keys(), ...changed];
    this.draw();
    if (edits.size) this.flash(all);
    this.page.tell("changed", all);
  }

  // The step or the switch has changed; sentences and charts that ask for it follow.
  async step() {
    this.draw();
    if (this.engine) await this.run();
  }

  flash(cells) {
    if (calm.matches) return;
    const frames = [{ backgroundColor: `#${this.page.plan.colors.computed}` }, {}];
    for (const cell of cells.slice(0, MOST_FLASHES)) cell.element?.animate(frames, { duration: 700 });
  }
}

function labelText({ cell, data }) {
  const { value } = cell;
  if (value === null) return "";
  return typeof value === "number" ? String(Number(value.toPrecision(9))) : String(value || (data.kind === "number" ? "" : value));
}
