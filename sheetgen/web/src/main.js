// The page comes to life: drawn at once from what the file holds, then handed over to the engine.

import { dock } from "./dock.js";
import { drawSheet, placeOf, setTracks, titleOf } from "./sheet.js";
import { make } from "./dom.js";
import { explain } from "./explain.js";
import { specText } from "./spec.js";
import { Editing, cellOf } from "./edit.js";
import { Engine } from "./engine.js";
import { History } from "./history.js";
import { Live } from "./live.js";
import { brief, shown } from "./numbers.js";
import { Page } from "./page.js";
import { Panel } from "./panel.js";
import { Player } from "./player.js";
import { toolbar } from "./toolbar.js";
import { tooltips } from "./tips.js";
import { unpack, unpackJson } from "./unpack.js";

const OPEN = "Drag a number in a yellow or red box, or type over it. Click any other to see where it comes from.";
const SEALED = "Type your answers into the orange cells, from top to bottom. White cells go on with your numbers.";
const MARGIN = 10; // pixels of the prose's column on a phone, where the panel tells it
const NARROW = matchMedia("(max-width: 820px)");

async function main() {
  const page = new Page(await unpackJson("plan"));
  const live = new Live(page);
  const history = new History(page, live);
  const select = (cell) => page.tell("select", cell);
  const editing = new Editing(page, history, select);
  const root = document.getElementById("page");
  const side = document.getElementById("side");
  const player = new Player(page, live);
  const sheets = [];
  const docks = make("div", { class: "docks" });
  let current = -1;

  const zoom = { by: 1 };
  const fit = () => {
    const things = sheets[current];
    const sheet = page.plan.sheets[current];
    const wide = sheet.columns.reduce((sum, width) => sum + width, 0);
    const room = root.clientWidth - 34;
    const scale = NARROW.matches ? 0.84 : Math.max(0.72, Math.min(1.15, room / wide));
    const told = NARROW.matches && player.steps.length > 0;
    root.classList.toggle("told", told);
    const columns = told && sheet.bands.length ? sheet.columns.with(1, MARGIN) : sheet.columns;
    setTracks(things, columns, scale * zoom.by, NARROW.matches ? 1.5 : 1.14);
  };
  const tabs = page.plan.sheets.filter((sheet) => !sheet.hidden).length > 1 ? make("div", { class: "tabs", role: "tablist", "aria-label": "Sheets" }) : null;
  const open = (number) => {
    if (number === current || number < 0) return;
    sheets[current]?.element.remove();
    current = number;
    if (!sheets[number]) {
      sheets[number] = drawSheet(page, number);
      live.drawn = sheets.filter(Boolean);
      nameCells(page, number);
      docks.append(dock(sheets[number], root));
    }
    root.append(legendOf(page, number), sheets[number].element);
    root.querySelectorAll(".legend").forEach((each, k, all) => k < all.length - 1 && each.remove());
    fit();
    live.draw();
    tabs?.querySelectorAll("button").forEach((tab, k) => tab.setAttribute("aria-selected", Number(tab.dataset.sheet) === number));
    const first = sheets[number].element.querySelector(".cell");
    if (first) editing.focused(first.cell);
  };
  page.plan.sheets.forEach((sheet, number) => {
    if (sheet.hidden) return;
    tabs?.append(make("button", { type: "button", role: "tab", "data-sheet": number, on: { click: () => open(number) } }, sheet.title));
  });
  if (tabs) root.append(tabs);

  const go = (cell) => {
    open(cell.sheet);
    if (page.later(cell.region.step)) player.goTo(cell.region.step);
    cell.element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    cell.element?.focus({ preventScroll: true });
    select(cell);
  };
  const panel = new Panel(page, editing, go);
  const message = make("p", { class: "message", role: "status" });
  const tools = toolbar(page, history, { zoom, fit });
  document.getElementById("tools").append(...tools.elements);
  side.append(player.element, ...[player.counter(history)].filter(Boolean), panel.element, docks, ...(player.steps.length ? [player.list()] : []), message,
    make("p", { class: "hint" }, page.plan.sealed ? SEALED : OPEN));

  page.on("select", (cell) => {
    page.state.selected?.element?.classList.remove("chosen");
    page.state.selected = cell;
    cell?.element?.classList.add("chosen");
    if (cell && page.later(cell.region.step)) player.goTo(cell.region.step);
    panel.show(cell);
    document.body.classList.toggle("asking", Boolean(cell));
  });
  page.on("edit", ({ cell, value }) => editing.set(cell, value));
  page.on("busy", () => tools.state("busy"));
  page.on("say", (text) => (message.textContent = text));
  page.on("changed", (cells) => {
    tools.state(document.documentElement.dataset.state);
    message.textContent = "";
    player.show();
    tools.update();
    markEdited(page);
    if (page.state.selected) panel.show(page.state.selected);
    for (const cell of cells) nameCell(cell);
    markBefore(page);
  });
  page.on("go", (link) => {
    const at = /^'?(.+?)'?!([A-Z]+)(\d+)$/.exec(link);
    if (at) open(page.sheetNumber(at[1]));
  });
  page.on("step", (step) => {
    if (step?.sheet) open(page.sheetNumber(step.sheet));
    const region = step && page.regions.find((each) => each.step === step.number && each.sheet === current && each.element);
    region?.element.scrollIntoView({ block: NARROW.matches ? "center" : "nearest", inline: NARROW.matches ? "center" : "nearest" });
    tools.remember();
  });

  editing.listen(root);
  tooltips(page, root);
  addEventListener("resize", fit);
  addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, textarea, .cell, [role=switch], [role=tab]") && event.target.type !== "checkbox") return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight") player.go(player.at + 1);
    else if (event.key === "ArrowLeft") player.go(player.at - 1);
    else if (event.key === "Escape") select(null);
    else return;
    event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.closest?.("input")) return;
    if (event.key === "z") event.shiftKey ? history.redo() : history.undo();
    else if (event.key === "y") history.redo();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && cellOf(event) && !editing.input) select(null);
  });

  open(page.plan.sheets.findIndex((sheet) => !sheet.hidden));
  player.show();
  window.sheetgen = { page, live, history, player, editing, open, explain, shown, specText };
  document.documentElement.dataset.state = "drawn";
  await start(page, live, history, player, tools);
}

// The engine: entered, compared with what the file holds, and from then on in charge.
async function start(page, live, history, player, tools) {
  const wanted = history.read(location.hash);
  if (wanted.step !== null) player.goTo(wanted.step);
  try {
    const engine = await Engine.start(await unpack("engine"), page);
    live.engine = engine;
    const worst = check(live);
    window.sheetgen.worst = worst;
    live.draw();
    tools.state(worst <= 1e-9 ? "live" : "differs");
    document.documentElement.dataset.state = worst <= 1e-9 ? "live" : "differs";
    if (wanted.edits.length) await history.change(wanted.edits);
  } catch (error) {
    window.sheetgen.error = String(error);
    tools.state("still");
    document.documentElement.dataset.state = "still";
  }
}

// How far the engine is from the values in the file, at most, relative to what is large.
function check(live) {
  let worst = 0;
  const before = new Map([...live.page.cells.values()].filter((cell) => cell.formula || cell.block).map((cell) => [cell, cell.value]));
  live.take();
  for (const [cell, old] of before) {
    if (!cell.region || cell.region.data.epochs || typeof old !== "number") continue;
    const off = typeof cell.value === "number" ? Math.abs(cell.value - old) / Math.max(1, Math.abs(old)) : Infinity;
    if (off > worst) [worst, window.sheetgen.worstCell] = [off, `${cell.region.data.name} ${cell.row} ${cell.column} ${old} ${cell.value}`];
  }
  return worst;
}

function markEdited(page) {
  if (page.plan.sealed) return;
  for (const region of page.regions)
    if (region.data.kind) for (const cell of region.cells) cell.element?.classList.toggle("edited", cell.editable && cell.value !== cell.start);
}

// Results that the last change has changed; the panel tells what they were.
function markBefore(page) {
  for (const region of page.regions)
    if (region.role === "output" || region.role === "verdict" || region.data.large)
      for (const cell of region.cells) {
        const was = cell.before !== undefined && cell.before !== cell.value;
        cell.element?.classList.toggle("was", was);
        if (cell.element) cell.element.title = was ? `before: ${brief(cell.before)}` : "";
      }
}

function nameCells(page, number) {
  for (const region of page.regions) {
    if (region.sheet === number && region.element) for (const cell of region.cells) nameCell(cell);
  }
}

function nameCell(cell) {
  if (!cell.element) return;
  const name = titleOf(cell.region).split(":")[0];
  cell.element.setAttribute("aria-label", `${[name, placeOf(cell)].filter(Boolean).join(", ")}: ${brief(cell.value)}`);
}

function legendOf(page, number) {
  const chips = page.plan.sheets[number].legend.map(([text, style]) => make("span", { class: `chip s${style}` }, text));
  return make("div", { class: "legend", "aria-label": "Legend" }, ...chips);
}

main().catch((error) => {
  document.documentElement.dataset.state = "broken";
  document.getElementById("page").textContent = `This page can’t be drawn here: ${error.message}`;
});
