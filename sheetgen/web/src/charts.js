// Charts drawn from live cells.

import { make } from "./dom.js";
import { drawGraph } from "./graph.js";
import { drawNetwork } from "./network.js";
import { drawBars, drawPlot } from "./plot.js";

const KINDS = { graph: drawGraph, network: drawNetwork, bars: drawBars, lines: drawBars, points: drawPlot };

// {element, update()}: a figure that follows the cells, or null for a chart of another kind.
export function drawChart(page, chart, sheet) {
  const draw = KINDS[chart.kind];
  if (!draw) return null;
  const element = make("figure", { class: `chart ${chart.kind}` }, make("figcaption", {}, chart.title));
  const body = make("div", { class: "drawing", role: chart.kind === "graph" ? "group" : "img", "aria-label": `${chart.title}. ${chart.about}` });
  element.append(body);
  const update = draw(page, chart, body, sizeOf(page, sheet, chart));
  return { element, chart, update };
}

// Pixels that a chart has below its title, at full size.
function sizeOf(page, sheet, { at: [row, column, rows, columns] }) {
  const sum = (sizes, first, count) => sizes.slice(first - 1, first - 1 + count).reduce((a, b) => a + b, 0);
  const { columns: widths, rows: heights } = page.plan.sheets[sheet];
  return [Math.max(160, sum(widths, column, columns) - 6), Math.max(100, (sum(heights, row, rows) - 8) * 1.14 - 24)];
}
