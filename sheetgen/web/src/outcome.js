// What comes of it all, always in sight: the verdict or else the prediction, and the loss, with what they were before.

import { make } from "./dom.js";
import { likelihood } from "./graph.js";
import { cellTitle } from "./names.js";
import { brief } from "./numbers.js";
import { captionOf } from "./sheet.js";

const MOST = 8; // cells that have room

export function outcome(page, sheet, go) {
  if (page.plan.sealed) return null;
  const fits = page.regions.filter((region) => region.sheet === sheet && region.cells.length <= MOST && !region.data.epochs);
  const results = fits.filter((region) => region.role === "output");
  const main = fits.find((region) => region.role === "verdict") ?? results.find((region) => region.cells.length > 1);
  const loss = results.find((region) => region !== main && region.cells.length === 1);
  const shown = [main, loss].filter(Boolean);
  if (!shown.length) return null;
  const updates = [];
  const parts = shown.map((region) => group(page, region, go, updates));
  const update = () => updates.forEach((each) => each());
  page.on("changed", update);
  page.on("step", update);
  return { element: make("section", { class: "outcome", "aria-label": "Results" }, ...parts), update };
}

function group(page, region, go, updates) {
  const { name, rows, columns, style } = region.data;
  const graph = page.graphs.find(({ labels }) => labels.length === region.cells.length && region.cells.length > 1);
  const heads = (region.width > 1 ? columns : rows) ?? graph?.labels ?? [];
  const source = region.role === "verdict" && graph?.prediction ? page.matrix(graph.prediction).cells : null;
  const words = region.role === "verdict" ? [name, captionOf(region)].join(" ") : name;
  const line = make("div", { class: "results" });
  region.cells.forEach((cell, k) => {
    const result = make("button", { type: "button", class: `result s${Array.isArray(style) ? style[k] : style}`, on: { click: () => go(cell) } });
    const was = make("small", { class: "past" });
    line.append(make("div", {}, heads.length ? make("b", {}, String(heads[k])) : null, result, was));
    updates.push(() => {
      const hidden = page.later(region.step) || page.off(region.step);
      result.textContent = hidden ? "…" : brief(cell.value);
      result.setAttribute("aria-label", `${cellTitle(cell)}: ${hidden ? "comes later" : brief(cell.value)}`);
      for (const look of ["backgroundColor", "color"]) result.style[look] = hidden ? "" : (cell.element?.style[look] ?? "");
      if (source && !hidden && typeof source[k].value === "number") result.style.backgroundColor = `#${likelihood(page.plan.colors, source[k].value)}`;
      const changed = !hidden && cell.before !== undefined && brief(cell.before) !== brief(cell.value);
      was.textContent = changed ? `was ${brief(cell.before)}` : "";
    });
  });
  return make("div", { class: region.cells.length > 1 ? "several" : "" }, make("h3", {}, words), line);
}
