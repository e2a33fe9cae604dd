// The graph: nodes where the workbook draws them, edges as Adj has them. Where Adj can be edited, a click switches one.

import { make, svg } from "./dom.js";
import { brief } from "./numbers.js";

const BINS = [0.2, 0.4, 0.6, 0.8, Infinity];
const MOST_GHOSTS = 16; // nodes of a graph whose absent edges are hinted at; of a larger one, those that it begins with can be switched

export const likelihood = (colors, value) => colors.likelihood[BINS.findIndex((bound) => value < bound - 1e-15)];

export function drawGraph(page, chart, body, [wide, full]) {
  const adjacency = page.matrix(chart.adjacency);
  const prediction = chart.prediction ? page.matrix(chart.prediction) : null;
  const { colors } = page.plan;
  const n = chart.labels.length;
  const high = full - (prediction ? 16 : 0) - (n ? 16 : 0);
  const radius = Math.max(6, Math.min(16, Math.min(wide, high) / Math.sqrt(n) / 4.5));
  const margin = radius + 6;
  const at = chart.positions.map(([x, y]) => [margin + x * (wide - 2 * margin), margin + (1 - y) * (high - 2 * margin - 12)]);
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${high}`, class: "graph", role: "presentation" });
  body.append(picture);
  const cellOf = (u, v) => adjacency.cells[u * adjacency.width + v];
  const edges = [];
  for (let u = 0; u < n; u++)
    for (let v = 0; v < n; v++) {
      if (u === v || (!chart.directed && v < u)) continue;
      const cell = cellOf(u, v);
      const twin = chart.directed ? null : cellOf(v, u);
      const target = cell.editable ? cell : twin?.editable ? twin : null;
      if (n > MOST_GHOSTS && !cell.value) continue;
      edges.push(edge(page, chart, at, [u, v], cell, target, radius, picture));
    }
  const nodes = at.map(([x, y], k) => {
    const circle = svg("circle", { cx: x, cy: y, r: radius, stroke: `#${colors.line}`, "stroke-width": 0.8 });
    const text = svg("text", { x, y: y + radius * 0.34, "text-anchor": "middle", "font-size": Math.max(7, radius * 0.95), "font-weight": "bold" });
    text.textContent = chart.labels[k];
    const title = svg("title");
    const node = svg("g", { class: "node" }, title, circle, text);
    picture.append(node);
    return { circle, text, title };
  });
  if (picture.querySelector("[role=switch]"))
    body.append(make("div", { class: "tap" }, n > MOST_GHOSTS ? "Click an edge to switch it." : "Click an edge, or between two nodes, to switch it."));
  if (prediction) body.append(legend(colors));
  return () => {
    for (const each of edges) each();
    nodes.forEach(({ circle, text, title }, k) => {
      const cell = prediction?.cells[chart.line * n + k];
      const known = cell && typeof cell.value === "number" && !page.later(prediction.step);
      const color = known ? likelihood(colors, cell.value) : prediction ? colors.yellow : colors.after;
      circle.setAttribute("fill", `#${color}`);
      text.setAttribute("fill", `#${colors.ink}`);
      const called = chart.called ? `${chart.called} = ` : "";
      title.textContent = known ? `${chart.labels[k]}: ${called}${brief(cell.value)}` : chart.labels[k];
    });
  };
}

function edge(page, chart, at, [u, v], cell, target, radius, picture) {
  const d = route(at, u, v, radius, chart.directed);
  const line = svg("path", { d, fill: "none", class: "edge" });
  const group = svg("g", { class: "link" }, line);
  if (chart.directed) line.setAttribute("marker-end", "url(#head)");
  const name = `edge ${chart.labels[u]} ${chart.directed ? "to" : "–"} ${chart.labels[v]}`;
  if (target) {
    const hit = svg("path", { d, fill: "none", class: "hit", "stroke-width": radius < 10 ? 6 : 14 });
    group.append(hit);
    group.setAttribute("role", "switch");
    group.setAttribute("tabindex", picture.querySelector("[role=switch]") ? "-1" : "0");
    group.setAttribute("aria-label", name);
    const toggle = () => page.tell("edit", { cell: target, value: target.value ? 0 : 1 });
    group.addEventListener("click", toggle);
    group.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!way && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      if (way) walk(picture, group, way);
      else toggle();
    });
  }
  picture.append(group);
  return () => {
    const on = Boolean(cell.value);
    group.classList.toggle("on", on);
    group.classList.toggle("ghost", !on);
    if (target) group.setAttribute("aria-checked", on);
    line.setAttribute("stroke-width", on && typeof cell.value === "number" ? 1.8 : 1);
  };
}

// The keyboard goes from edge to edge; Tab reaches one of them.
function walk(picture, group, way) {
  const all = [...picture.querySelectorAll("[role=switch]")];
  const next = all[(all.indexOf(group) + way + all.length) % all.length];
  group.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

// A straight line, bent where it would pass a third node; of edges there and back, each on its side.
function route(at, u, v, radius, directed) {
  const [[x, y], [p, q]] = [at[u], at[v]];
  const [dx, dy] = [p - x, q - y];
  const length = Math.hypot(dx, dy) || 1;
  let bend = directed ? length * 0.12 : 0;
  at.forEach(([a, b], k) => {
    if (k === u || k === v) return;
    const along = ((a - x) * dx + (b - y) * dy) / length / length;
    const off = ((a - x) * dy - (b - y) * dx) / length;
    if (along > 0 && along < 1 && Math.abs(off) < radius + 3) bend += (off >= 0 ? 1 : -1) * (radius * 2.6);
  });
  const [mx, my] = [(x + p) / 2 - (dy / length) * bend, (y + q) / 2 + (dx / length) * bend];
  const cut = (from, to, by) => {
    const far = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    return [from[0] + ((to[0] - from[0]) * by) / far, from[1] + ((to[1] - from[1]) * by) / far];
  };
  const start = cut([x, y], [mx, my], radius);
  const end = cut([p, q], [mx, my], radius + (directed ? 3 : 0));
  return `M${start.map((z) => z.toFixed(1)).join(" ")}Q${mx.toFixed(1)} ${my.toFixed(1)} ${end.map((z) => z.toFixed(1)).join(" ")}`;
}

function legend(colors) {
  const words = ["very unlikely", "unlikely", "neutral", "likely", "very likely"];
  return make("div", { class: "bins", "aria-hidden": "true" },
    ...words.map((text, k) => make("span", { style: { backgroundColor: `#${colors.likelihood[k]}` } }, text))); // prettier-ignore
}
