// The page comes to life: drawn at once from what the file holds, then handed over to the engine.

import { Desk } from "./desk.js";
import { make } from "./dom.js";
import { Editing } from "./edit.js";
import { Engine } from "./engine.js";
import { explain } from "./explain.js";
import { History } from "./history.js";
import { listen } from "./keys.js";
import { Live } from "./live.js";
import { shown } from "./numbers.js";
import { outcome } from "./outcome.js";
import { Page } from "./page.js";
import { Panel } from "./panel.js";
import { Player } from "./player.js";
import { markCells, nameCell } from "./says.js";
import { specText } from "./spec.js";
import { tooltips } from "./tips.js";
import { chips } from "./tries.js";
import { toolbar } from "./toolbar.js";
import { unpack, unpackJson } from "./unpack.js";

const CLOSE = 1e-9; // how far the engine may be from the values in the file
const OPEN = "Drag a number in a yellow or red box, or type over it. Click any other to see where it comes from.";
const SEALED = "Type your answers into the orange cells, from top to bottom. White cells go on with your numbers.";
const state = (name) => (document.documentElement.dataset.state = name);

async function main() {
  const page = new Page(await unpackJson("plan"));
  const live = new Live(page);
  const history = new History(page, live);
  const select = (cell) => page.tell("select", cell);
  const editing = new Editing(page, history, select);
  const root = document.getElementById("page");
  const player = new Player(page, live);
  const desk = new Desk(page, live, root, (cell) => editing.focused(cell));
  const go = (cell) => {
    desk.open(cell.sheet);
    cell.element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    cell.element?.focus({ preventScroll: true });
    select(cell);
  };
  const panel = new Panel(page, editing, go);
  const results = outcome(page, desk.first, go);
  const tools = toolbar(page, history, desk);
  const message = make("p", { class: "message", role: "status" });
  document.getElementById("tools").append(...tools.elements);
  document.getElementById("side").append(
    ...[player.element, chips(page, history), player.counter(history), panel.element, desk.docks, results?.element, player.list(), message].filter(Boolean),
    make("p", { class: "hint" }, page.plan.sealed ? SEALED : OPEN),
  );
  connect(page, { desk, editing, message, panel, player, tools });
  editing.listen(root);
  tooltips(page, root);
  listen(player, history, editing, select);
  desk.pan();
  addEventListener("resize", () => desk.fit());
  addEventListener("beforeprint", () => desk.print());
  addEventListener("hashchange", () => follow(history, player));
  desk.open(desk.first);
  results?.update();
  player.show();
  window.sheetgen = { page, live, history, player, editing, desk, explain, shown, specText };
  state("drawn");
  await start(page, live, history, player, tools);
}

// Who does what when something happens.
function connect(page, { desk, editing, message, panel, player, tools }) {
  page.on("select", (cell) => {
    page.state.selected?.element?.classList.remove("chosen");
    page.state.selected = cell;
    cell?.element?.classList.add("chosen");
    if (cell && page.off(cell.region.step)) player.reveal();
    if (cell && page.later(cell.region.step)) player.goTo(cell.region.step);
    panel.show(cell);
    document.body.classList.toggle("asking", Boolean(cell));
  });
  page.on("edit", ({ cell, value }) => editing.set(cell, value));
  page.on("typing", () => player.stop());
  page.on("busy", () => tools.state("busy"));
  page.on("say", (text) => (message.textContent = text));
  page.on("go", (link) => desk.goTo(link));
  page.on("step", (step) => {
    desk.follow(step);
    tools.remember();
  });
  page.on("changed", (cells) => {
    message.textContent = trouble(page);
    tools.state(document.documentElement.dataset.state);
    tools.update();
    player.show();
    for (const cell of cells) nameCell(cell);
    markCells(page);
    if (page.state.selected) panel.show(page.state.selected);
  });
}

// How many numbers can't be worked out after an edit, such as a division by 0.
function trouble(page) {
  const lost = page.regions.filter(({ data }) => data.number).flatMap(({ cells }) => cells).filter(({ value }) => /^#[A-Z]/.test(value));
  if (!lost.length) return "";
  return `${lost.length} number${lost.length > 1 ? "s" : ""} can’t be worked out now (${lost[0].value}). Undo, ↶, goes back.`;
}

// To what the address says, and to nothing else: numbers that it doesn't name are as they were at the start.
function follow(history, player) {
  const wanted = history.read(location.hash);
  if (wanted.step !== null) player.goTo(wanted.step);
  else if (player.at) player.go(0);
  history.change([...new Map([...history.edited.map((cell) => [cell, cell.start]), ...wanted.edits])]);
  return wanted;
}

// The engine: entered, compared with what the file holds, and from then on in charge.
async function start(page, live, history, player, tools) {
  const { edits } = follow(history, player);
  try {
    live.engine = await Engine.start(await unpack("engine"), page);
    const worst = live.compare();
    window.sheetgen.worst = worst;
    live.draw();
    tools.state(state(worst <= CLOSE ? "live" : "differs"));
    if (edits.length) await history.change(edits);
  } catch (error) {
    window.sheetgen.error = String(error);
    tools.state(state("still"));
  }
}

main().catch((error) => {
  state("broken");
  document.getElementById("page").textContent = `This page can’t be drawn here: ${error.message}`;
});
