// What happens when a number changes: the engine works everything out, and what changed is drawn anew.

import { holds } from "./page.js";
import { paint, paintSpot } from "./paint.js";

const FLASH = [{ backgroundColor: "#ffd84d" }, {}];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Live {
  constructor(page) {
    this.page = page;
    this.engine = null;
    this.queue = Promise.resolve();
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

  // Takes what the engine holds; resolves to the cells that are no longer what they were.
  take() {
    const changed = [];
    for (const cell of this.page.cells.values()) {
      if (!cell.formula && !cell.block) continue;
      const value = this.engine.read(cell);
      if (value === cell.value) continue;
      cell.value = value;
      changed.push(cell);
    }
    return changed;
  }

  // One change after the other, so that none is lost while the engine is busy.
  run(change) {
    return (this.queue = this.queue.then(change, change));
  }

  // The reader has changed numbers: [[cell, value]].
  edit(edits) {
    return this.run(async () => {
      const before = new Map();
      for (const [cell, value] of edits) {
        before.set(cell, cell.value);
        cell.value = value;
      }
      await this.engine.evaluate(edits.map(([cell]) => cell));
      const held = new Map([...this.page.cells.values()].filter((cell) => cell.element).map((cell) => [cell, cell.value]));
      const changed = this.take();
      for (const cell of changed) if (cell.element) cell.before = held.get(cell);
      this.draw();
      this.flash([...before.keys(), ...changed]);
      this.page.tell("changed", changed);
    });
  }

  // The step or the switch has changed; sentences and charts that ask for it follow.
  async step() {
    this.draw();
    if (!this.engine) return;
    await this.run(async () => {
      await this.engine.evaluate([]);
      this.take();
      this.draw();
    });
  }

  flash(cells) {
    if (calm.matches) return;
    for (const cell of cells.slice(0, 400)) cell.element?.animate(FLASH, { duration: 700 });
  }
}

function labelText({ cell, data }) {
  const { value } = cell;
  if (value === null) return "";
  return typeof value === "number" ? String(Number(value.toPrecision(9))) : String(value || (data.kind === "number" ? "" : value));
}
