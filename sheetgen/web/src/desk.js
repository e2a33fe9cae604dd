// The sheets: tabs, the one that lies open, how large it is drawn.

import { dock } from "./dock.js";
import { make } from "./dom.js";
import { nameCell } from "./says.js";
import { drawSheet, setTracks } from "./sheet.js";

export const NARROW = matchMedia("(max-width: 820px)");
const MARGIN = 10; // pixels of the prose's column on a phone, where the panel tells it
const SMALLEST = 0.72;
const LARGEST = 1.15;
const UPRIGHT = 718; // pixels across A4 between its margins
const TURNED = 1046;
const READABLE = 0.6; // of the size on the screen; where more is lost, the paper is turned
const PRINTED = 0.7;

export class Desk {
  constructor(page, live, root, opened) {
    this.page = page;
    this.live = live;
    this.root = root;
    this.opened = opened; // told the first cell of a sheet that is opened
    this.sheets = [];
    this.current = -1;
    this.zoom = 1;
    this.docks = make("div", { class: "docks" });
    this.body = make("div", { class: "open" });
    const visible = page.plan.sheets.map((sheet, number) => [sheet, number]).filter(([sheet]) => !sheet.hidden);
    this.tabs = visible.map(([sheet, number]) =>
      make("button", { type: "button", role: "tab", "data-sheet": number, on: { click: () => this.open(number) } }, sheet.title));
    if (this.tabs.length > 1) root.append(make("div", { class: "tabs", role: "tablist", "aria-label": "Sheets" }, ...this.tabs));
    root.append(this.body);
    this.first = visible[0][1];
  }

  open(number) {
    if (number === this.current || number < 0 || this.page.plan.sheets[number].hidden) return;
    this.current = number;
    if (!this.sheets[number]) this.draw(number);
    this.body.replaceChildren(this.legend(number), this.sheets[number].element);
    this.fit();
    this.live.draw();
    for (const tab of this.tabs) tab.setAttribute("aria-selected", Number(tab.dataset.sheet) === number);
    const cell = this.sheets[number].element.querySelector(".cell")?.cell;
    if (cell) this.opened(cell);
  }

  draw(number) {
    this.sheets[number] = drawSheet(this.page, number);
    this.live.drawn = this.sheets.filter(Boolean);
    for (const region of this.page.regions)
      if (region.sheet === number && region.element) for (const cell of region.cells) nameCell(cell);
    this.docks.append(dock(this.sheets[number], this.root));
  }

  legend(number) {
    const chips = this.page.plan.sheets[number].legend.map(([text, style]) => make("span", { class: `chip s${style}` }, text));
    return make("div", { class: "legend", "aria-label": "Legend", role: "note" }, ...chips);
  }

  // As large as there is room; a phone's rows are high enough for fingers.
  fit(zoom = this.zoom) {
    this.zoom = Math.max(0.4, Math.min(2.5, zoom));
    const sheet = this.page.plan.sheets[this.current];
    const narrow = NARROW.matches;
    const told = narrow && this.page.steps.length > 0 && sheet.bands.length > 0;
    this.root.classList.toggle("told", told);
    const wide = sheet.columns.reduce((sum, width) => sum + width, 0);
    const scale = narrow ? 0.84 : Math.max(SMALLEST, Math.min(LARGEST, (this.root.clientWidth - 34) / wide));
    setTracks(this.sheets[this.current], told ? sheet.columns.with(1, MARGIN) : sheet.columns, scale * this.zoom, narrow ? 1.5 : 1.14);
  }

  // What is printed fits across the paper.
  print() {
    const { element } = this.sheets[this.current];
    const turned = UPRIGHT / element.offsetWidth < READABLE;
    element.classList.toggle("turned", turned);
    element.style.setProperty("--print", Math.min(PRINTED, (turned ? TURNED : UPRIGHT) / element.offsetWidth));
  }

  // Dragging the paper moves it.
  pan() {
    this.root.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button || event.target.closest(".cell, button, input, [role=switch]")) return;
      const { scrollLeft, scrollTop } = this.root;
      const move = ({ clientX, clientY }) => this.root.scrollTo(scrollLeft - clientX + event.clientX, scrollTop - clientY + event.clientY);
      const end = () => removeEventListener("pointermove", move);
      addEventListener("pointermove", move);
      for (const over of ["pointerup", "pointercancel"]) addEventListener(over, end, { once: true });
    });
  }

  // To the matrix that a step computes.
  follow(step) {
    if (step?.sheet) this.open(this.page.sheetNumber(step.sheet));
    const made = (region) => step && region.step >= step.number && region.step <= step.last && region.sheet === this.current && region.element;
    const place = NARROW.matches ? "center" : "nearest";
    this.page.regions.find(made)?.element.scrollIntoView({ block: place, inline: place });
  }

  // To a place such as `Training!A5`.
  goTo(link) {
    const at = /^'?(.+?)'?![A-Z]+\d+$/.exec(link);
    if (at) this.open(this.page.sheetNumber(at[1]));
  }
}
