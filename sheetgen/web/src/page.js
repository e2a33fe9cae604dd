// The page's model: the plan's data as cells and things that stand on sheets, and what the reader has chosen.

import { keyOf } from "./a1.js";

const BESIDE = 8000; // the first column of the conditions of looks, out of everybody's way

export const alike = (list, k) => (Array.isArray(list) ? list[k] : list);

export class Page {
  constructor(plan) {
    this.plan = plan;
    this.cells = new Map(); // everything the engine holds, by key
    this.areas = []; // ranges of numbers
    this.regions = [];
    this.labels = [];
    this.beside = new Map(); // the next free column for a condition, by row
    this.alike = new Map(); // conditions that whole rows share
    this.marks = new Map(); // looks under conditions, by the key of the cell
    this.state = { step: null, from: null, gradients: true, selected: null }; // steps up to `step`; marked from `from` on
    this.switched = new Set(plan.switched);
    this.listeners = {};
    plan.sheets.forEach((sheet, number) => this.sheet(sheet, number));
    const { counter } = plan;
    if (counter) this.at(this.sheetNumber(counter.sheet), counter.row, counter.column).last = counter.last;
    this.columns = new Map(plan.data.columns.map((column) => [column.column, this.column(column)]));
    this.graphs = plan.sheets.flatMap((sheet) => sheet.charts.filter((chart) => chart.kind === "graph"));
    this.steps = plan.steps.map((step, k) => this.step(step, k));
  }

  on(event, act) {
    (this.listeners[event] ??= []).push(act);
  }

  tell(event, detail) {
    for (const act of this.listeners[event] ?? []) act(detail);
  }

  sheetNumber(title) {
    return this.plan.sheets.findIndex((sheet) => sheet.title === title);
  }

  at(sheet, row, column) {
    return this.cells.get(keyOf(sheet, row, column));
  }

  add(cell) {
    this.cells.set(keyOf(cell.sheet, cell.row, cell.column), cell);
    cell.start = cell.value;
    return cell;
  }

  sheet(sheet, number) {
    for (const data of sheet.regions) this.region(data, number);
    for (const data of sheet.labels) {
      const [row, column] = data.at;
      const label = { data, sheet: number, row, column };
      this.labels.push(label);
      if (data.formula || data.pale) label.pale = this.condition(number, row, column, data.pale);
      if (!data.formula) continue;
      const value = data.kind === "number" && data.text !== "" && !Number.isNaN(Number(data.text)) ? Number(data.text) : data.text;
      const numeric = typeof value === "number";
      label.cell = this.add({ sheet: number, row, column, formula: data.formula, value, label, number: numeric });
      if (numeric) this.areas.push({ sheet: number, row, column, height: 1, width: 1 });
    }
    for (const [row, column, rows, columns, formula, look] of sheet.highlights)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const key = keyOf(number, row + i, column + j);
          if (!this.marks.has(key)) this.marks.set(key, []);
          this.marks.get(key).push({ look, condition: this.condition(number, row + i, column + j, formula) });
        }
  }

  region(data, sheet) {
    const [row, column, height, width] = data.at;
    const region = { data, sheet, row, column, height, width, cells: [], step: data.step ?? 0, role: data.role };
    this.regions.push(region);
    const waiting = new Set((data.empty ?? []).flatMap((empty, k) => (empty ? [k] : [])));
    for (let k = 0; k < height * width; k++) {
      const i = Math.floor(k / width);
      const j = k % width;
      const formula = alike(data.formulas ?? 0, k);
      region.cells.push(
        this.add({
          sheet, row: row + i, column: column + j, i, j, k, region, formula, block: data.block ?? 0,
          array: data.array ?? false, value: waiting.has(k) ? null : data.values[k], number: data.number ?? false,
          editable: !formula && !data.block && Boolean(data.kind),
        }),
      );
    }
    if (data.number) this.areas.push({ sheet, row, column, height, width });
    region.when = (data.when ?? []).map(([look, formulas, form]) => ({
      look,
      form: form < 0 ? null : this.plan.forms[form],
      cells: region.cells.map((cell) =>
        this.condition(sheet, cell.row, cell.column, alike(formulas, cell.k))),
    }));
  }

  // A formula whose truth changes a look. It stands far to the right, but is written as seen from its own cell. One that
  // reads no column beside it is the same for the whole row, such as which epoch is shown.
  condition(sheet, row, column, formula) {
    if (!formula) return null;
    if (/C\[/.test(this.plan.formulas[formula - 1])) return this.beyond(sheet, row, column, formula);
    const key = [sheet, row, formula].join();
    if (!this.alike.has(key)) this.alike.set(key, this.beyond(sheet, row, column, formula));
    return this.alike.get(key);
  }

  beyond(sheet, row, column, formula) {
    const line = keyOf(sheet, row, 0);
    const taken = this.beside.get(line) ?? BESIDE;
    this.beside.set(line, taken + 1);
    return this.add({ sheet, row, column: taken, from: [row, column], formula, value: null });
  }

  // The look that a cell takes now because a condition of the page holds, such as "right" in an exercise.
  mark(sheet, row, column) {
    const found = this.marks.get(keyOf(sheet, row, column))?.find(({ condition }) => holds(condition));
    return found ? this.plan.looks[found.look] : null;
  }

  column({ column, row, values, formulas }) {
    const sheet = this.plan.sheets.length;
    this.areas.push({ sheet, row, column, height: values.length, width: 1 });
    return values.map((value, k) =>
      this.add({ sheet, row: row + k, column, formula: formulas[k], value, number: typeof value !== "string" }));
  }

  // A row of the walkthrough, with the last of the steps that it stands for.
  step(row, k) {
    const step = { ...row, last: Math.max(row.number, (this.plan.steps[k + 1]?.number ?? Infinity) - 1) };
    if (!step.live) return step;
    const cell = this.add({ sheet: this.plan.sheets.length + 1, row: k + 1, column: 1, from: [1, 1],
      formula: step.live, value: step.sentence, number: false }); // prettier-ignore
    return { ...step, cell };
  }

  // Whether something that comes with a step is hidden: it is later, or a gradient while these are off.
  later(step) {
    return step > 0 && this.state.step !== null && step > this.state.step;
  }

  off(step) {
    return step > 0 && !this.state.gradients && this.switched.has(step);
  }

  // The matrix of a name as it is computed, rather than a copy of it; several if its columns stand apart.
  matrix(name) {
    const found = this.regions.filter((region) => region.data.matrix === name);
    return found.find((region) => region.role !== "copy" && !region.data.epochs) ?? found[0];
  }

  sentence(step) {
    return step.cell ? String(step.cell.value ?? "") : step.sentence;
  }
}

const truth = (value) => value !== null && value !== undefined && value !== "" && !/^(FALSE|0|#.*)$/i.test(String(value));
export const holds = (condition) => Boolean(condition) && truth(condition.value);
