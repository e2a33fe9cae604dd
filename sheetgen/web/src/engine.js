// The workbook's own formulas, run by IronCalc's WebAssembly. Numbers only ever go in as `String(Number(x))`.

import { Model, initSync } from "@ironcalc/wasm";
import { a1 } from "./a1.js";

const FIFTEEN = "0.00000000000000E+00";
const AT_ONCE = 4000;
const MEANWHILE = 1000; // formulas that are entered at once while readers may already play
// This version of the engine can't negate a range, only subtract one; behind ^ that wouldn't be the same.
const NEGATED = /(^|[(,])-(?=[$A-Z'])/g;
const without = (formula) => (formula.includes("^") ? formula : formula.replace(NEGATED, "$10-"));
const LOST = []; // models of dead instances: were they collected, their memory would be freed in a living one
const pause = () => new Promise((done) => setTimeout(done));

export class Engine {
  constructor(module, page) {
    this.module = module;
    this.page = page;
    this.lost = false;
    this.late = new Set(); // formulas of a training, which stand as the file's numbers until `whole` is done
  }

  static async start(bytes, page) {
    const engine = new Engine(await WebAssembly.compile(bytes), page);
    await engine.build();
    return engine;
  }

  // A new instance with everything in it; also the way back when one was lost. A training has many times the formulas
  // of its page, and their numbers are only needed anew once a number is edited: they come after the rest.
  async build() {
    const again = Boolean(this.model);
    if (again) LOST.push(this.model);
    initSync({ module: this.module });
    const { plan, cells } = this.page;
    const model = (this.model = new Model("page", "en", "UTC", "en"));
    model.pauseEvaluation();
    this.sheets = [];
    const titles = [...plan.order.map((k) => plan.sheets[k].title), plan.data.sheet];
    titles.push(`Sentences ${titles.join("").length}`.slice(0, 31)); // another name than all of these
    titles.forEach((title, k) => {
      if (k) model.newSheet();
      model.renameSheet(k, title);
    });
    plan.order.forEach((k, at) => (this.sheets[k] = at));
    this.sheets[plan.sheets.length] = plan.order.length;
    this.sheets[plan.sheets.length + 1] = plan.order.length + 1;
    for (const [name, place] of plan.names) if (!place.includes(",")) model.newDefinedName(name, undefined, place);
    for (const area of this.page.areas) this.format(area);
    let count = 0;
    const ordered = [...cells.values()].sort((a, b) => this.sheets[a.sheet] - this.sheets[b.sheet] || a.row - b.row);
    this.late = new Set(again ? [] : ordered.filter((cell) => cell.region?.data.epochs && cell.formula));
    for (const cell of ordered) {
      if (this.late.has(cell)) this.number(cell);
      else this.enter(cell);
      if (++count % AT_ONCE === 0) await pause();
    }
    this.enterStep();
    model.resumeEvaluation();
    model.evaluate();
    this.lost = false;
    this.whole = this.complete(model).catch(() => this.build());
  }

  // The formulas of a training, from its first epoch on, a few at a time.
  async complete(model) {
    const formulas = [...this.late];
    for (let count = 0; count < formulas.length && model === this.model; count += MEANWHILE) {
      await pause();
      model.pauseEvaluation();
      for (const cell of formulas.slice(count, count + MEANWHILE)) this.enter(cell);
      model.resumeEvaluation();
    }
    if (model === this.model) this.late.clear();
  }

  format({ sheet, row, column, height, width }) {
    this.model.updateRangeStyle({ sheet: this.sheets[sheet], row, column, height, width }, "num_fmt", FIFTEEN);
  }

  enter(cell) {
    const sheet = this.sheets[cell.sheet];
    if (cell.block) {
      const { row, column, height, width } = cell.region;
      if (cell.k === 0) {
        const formula = `=${without(a1(this.page.plan.formulas[cell.block - 1], row, column))}`;
        this.model.setUserArrayFormula(sheet, row, column, width, height, formula);
      }
    } else if (cell.formula) {
      const [row, column] = cell.from ?? [cell.row, cell.column];
      const formula = `=${a1(this.page.plan.formulas[cell.formula - 1], row, column)}`;
      if (cell.array) this.model.setUserArrayFormula(sheet, cell.row, cell.column, 1, 1, `=${without(formula.slice(1))}`);
      else this.model.setUserInput(sheet, cell.row, cell.column, formula);
    } else if (typeof cell.value === "number") this.number(cell);
    else if (typeof cell.value === "string" && cell.value !== "")
      this.model.setUserInput(sheet, cell.row, cell.column, `'${cell.value}`);
  }

  number(cell) {
    if (cell.region?.data.kind === "text") return; // no formula reads a name
    const number = Number(cell.value);
    const text = cell.value === null || !Number.isFinite(number) ? "" : String(number);
    this.model.setUserInput(this.sheets[cell.sheet], cell.row, cell.column, text);
    if (text.includes("e")) this.format({ ...cell, height: 1, width: 1 }); // the engine takes 1e-7 for a wish of two digits
  }

  enterStep() {
    const { step, switch: at, sheet } = this.page.plan.controls;
    const own = this.sheets[this.page.sheetNumber(sheet)];
    const { state } = this.page;
    if (!this.page.plan.steps.length) return;
    this.model.setUserInput(own, step[0], step[1], state.step === null ? "all" : String(Number(state.step)));
    if (this.page.plan.switched.length)
      this.model.setUserInput(own, at[0], at[1], state.gradients ? "on" : "off");
  }

  // Works everything out. If the instance dies over it, a new one takes its place.
  async evaluate(changed) {
    try {
      if (changed.some((cell) => cell.last === undefined)) await this.whole; // all epochs stand there for the counter
      this.model.pauseEvaluation();
      for (const cell of changed) this.number(cell);
      this.enterStep();
      this.model.resumeEvaluation();
      this.model.evaluate();
    } catch {
      this.lost = true;
      await this.build();
    }
  }

  // What a cell holds now: a number, a text, an error such as "#DIV/0!", or null.
  read(cell) {
    const text = this.model.getFormattedCellValue(this.sheets[cell.sheet], cell.row, cell.column);
    if (!cell.number) return text;
    if (text === "") return null;
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  }
}
