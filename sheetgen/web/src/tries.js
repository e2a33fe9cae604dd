// Things to try, for who has just arrived: each is an edit that can be undone.

import { make } from "./dom.js";

// [what it says, [[cell, value]]], at most one of a kind.
export function tries(page) {
  if (page.plan.sealed || page.plan.counter) return [];
  const found = [];
  for (const chart of page.graphs.slice(0, 1)) {
    const { cells, width } = page.matrix(chart.adjacency);
    const switches = cells.filter((cell) => cell.editable && cell.i !== cell.j && cell.region.data.kind === "switch");
    const name = ({ i, j }) => `${chart.labels[i]}${chart.directed ? "→" : "–"}${chart.labels[j]}`;
    const on = switches.find((cell) => cell.start === 1);
    const off = switches.filter((cell) => cell.start === 0).sort((a, b) => b.j - b.i - (a.j - a.i))[0];
    if (on && width > 2) found.push([`Cut ${name(on)}`, [[on, 0]]]);
    if (off) found.push([`Connect ${name(off)}`, [[off, 1]]]);
  }
  const given = (role) => page.regions.find(({ data, cells }) => data.role === role && data.kind === "number" && cells.length > 1 && !data.formulas);
  const weights = given("parameter");
  if (weights) found.push([`Silence ${weights.data.name}`, weights.cells.map((cell) => [cell, 0])]);
  const input = given("input");
  if (input) found.push([`Double ${input.data.name}`, input.cells.map((cell) => [cell, 2 * cell.start])]);
  return found.slice(0, 3);
}

export function chips(page, history) {
  const found = tries(page);
  if (!found.length) return null;
  const buttons = found.map(([text, edits]) => make("button", { type: "button", class: "try", on: { click: () => history.change(edits) } }, text));
  return make("div", { class: "tries", role: "group", "aria-label": "Try" }, ...buttons);
}
