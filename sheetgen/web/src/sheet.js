// A sheet as it stands in the workbook: one grid of whole pixels; bands, matrices, texts, lines and charts lie in it.

import { cellName, keyOf } from "./a1.js";
import { drawChart } from "./charts.js";
import { area, make, svg } from "./dom.js";
import { alike } from "./page.js";

const MOST = 6000; // cells of a sheet that are drawn; of a longer one, its first rows

export function drawSheet(page, number) {
  const sheet = page.plan.sheets[number];
  const element = make("section", { class: "sheet", "aria-label": sheet.title });
  const things = { element, number, steps: [], charts: [] };
  const add = (child, step) => {
    element.append(child);
    if (step) things.steps.push([child, step]);
    return child;
  };
  const last = lastRow(page, number);
  things.rows = sheet.rows.slice(0, last);
  for (const [first, end, shaded, step] of sheet.bands) {
    if (first > last) continue;
    const band = add(make("div", { class: shaded ? "band shaded" : "band" }), step);
    band.style.gridArea = `${first} / 1 / ${Math.min(end, last) + 1} / -1`;
  }
  for (const label of page.labels) if (label.sheet === number && label.row <= last) add(drawLabel(page, label), label.data.step);
  for (const region of page.regions)
    if (region.sheet === number && region.row <= last) add(drawRegion(page, region, last), region.step);
  for (const [row, column, rows, columns, side, color, heavy, step] of sheet.edges) {
    const line = add(make("div", { class: "edge" }), step);
    line.style.gridArea = area(row, column, rows, columns);
    line.style[`border${side[0].toUpperCase()}${side.slice(1)}`] = `${heavy ? 2 : 1}px solid #${color}`;
  }
  for (const [row, column, rows, rising, color, step] of sheet.diagonals) {
    const [from, to] = rising ? [100, 0] : [0, 100];
    const line = svg("line", { x1: 0, y1: from, x2: 100, y2: to, stroke: `#${color}`, "vector-effect": "non-scaling-stroke", "stroke-width": 2 });
    const slant = add(svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: "slant", "aria-hidden": "true" }, line), step);
    slant.style.gridArea = area(row, column, rows, 1);
  }
  if (last < sheet.rows.length) {
    const more = add(make("p", { class: "more" }, `${sheet.rows.length - last} more rows are calculated, but not drawn here.`));
    more.style.gridArea = `${last + 1} / 2 / auto / -1`;
  }
  things.spots = spots(page, number, last, add);
  for (const chart of sheet.charts) {
    const drawing = drawChart(page, chart, number);
    if (!drawing) continue;
    const [row, column, rows, columns] = chart.at;
    drawing.element.style.gridArea = area(row, column, rows, columns);
    add(drawing.element);
    things.charts.push(drawing);
  }
  return things;
}

// Where a condition of the page changes the look of a text, or of a cell that is empty.
function spots(page, number, last, add) {
  const found = [];
  const texts = new Map(page.labels.filter((label) => label.sheet === number).map((label) => [keyOf(number, label.row, label.column), label]));
  for (const key of page.marks.keys()) {
    const column = key % 16384;
    const row = Math.floor(key / 16384) % 1048576;
    if (Math.floor(key / 16384 / 1048576) !== number || row > last || page.cells.get(key)?.region) continue;
    let element = texts.get(key)?.text?.parentElement;
    if (!element) {
      element = add(make("div", { class: "spot" }));
      element.style.gridArea = area(row, column);
    }
    found.push({ row, column, element });
  }
  return found;
}

function lastRow(page, number) {
  const rows = page.plan.sheets[number].rows.length;
  const counts = new Array(rows + 2).fill(0);
  for (const { sheet, row, height, width } of page.regions)
    if (sheet === number) for (let i = 0; i < height; i++) counts[row + i] += width;
  let sum = 0;
  const full = counts.findIndex((count) => (sum += count) > MOST);
  return full < 0 ? rows : Math.max(1, full - 1);
}

// The tracks in whole pixels, at a scale.
export function setTracks(things, columns, scale, stretch) {
  const pixels = (sizes, by) => sizes.map((size) => `${Math.round(size * by)}px`).join(" ");
  const { style } = things.element;
  style.gridTemplateColumns = pixels(columns, scale);
  style.gridTemplateRows = pixels(things.rows, scale * stretch);
  style.setProperty("--z", scale);
}

const side = (line) => {
  if (!line) return "none";
  const [kind, color] = line;
  if (kind === "hair") return `1px solid color-mix(in srgb, #${color} 40%, transparent)`;
  return `${kind === "medium" ? 2 : 1}px ${kind === "dashed" ? "dashed" : "solid"} #${color}`;
};

function drawRegion(page, region, last) {
  const { data, row, column, height, width } = region;
  const element = make("div", { class: `region is-${data.role}${data.map ? " map" : ""}`, role: "grid", "aria-label": titleOf(region),
    "aria-rowcount": height, "aria-colcount": width, style: { gridArea: area(row, column, height, width) } }); // prettier-ignore
  region.element = element;
  const inner = data.kind === "text" ? "none" : side(data.inner);
  for (let i = 0; i < height && row + i <= last; i++) {
    const line = make("div", { role: "row", class: "row" });
    for (let j = 0; j < (data.kind === "text" ? 1 : width); j++) line.append(drawCell(page, region.cells[i * width + j], inner));
    element.append(line);
  }
  const frame = make("div", { class: "frame", "aria-hidden": "true" });
  ["Left", "Top", "Right", "Bottom"].forEach((name, k) => (frame.style[`border${name}`] = side(data.frame[k])));
  element.append(frame);
  for (const [i, j, rows, columns] of data.marked ?? []) {
    const mark = make("div", { class: "marked", "aria-hidden": "true" });
    mark.style.gridArea = area(i + 1, j + 1, rows, columns);
    element.append(mark);
  }
  if (data.note) element.append(make("span", { class: "note", "aria-hidden": "true" }));
  return element;
}

function drawCell(page, cell, inner) {
  const { region, i, j } = cell;
  const style = alike(region.data.style, cell.k);
  const element = make("div", { class: `cell s${style}`, role: "gridcell", tabindex: -1,
    style: { gridArea: area(i + 1, j + 1, 1, region.data.kind === "text" ? region.width : 1) } }); // prettier-ignore
  if (cell.editable) element.classList.add("editable");
  if (j < region.width - 1) element.style.borderRight = inner;
  if (i < region.height - 1) element.style.borderBottom = inner;
  cell.element = element;
  element.cell = cell;
  return element;
}

function drawLabel(page, label) {
  const { data } = label;
  const [row, column, rows, columns] = data.at;
  const look = page.plan.styles[data.style];
  const element = make("div", { class: `label s${data.style} is-${data.kind}`, style: { gridArea: area(row, column, rows, columns) } });
  const text = make(data.link ? "button" : "span", data.link ? { type: "button", class: "link" } : {});
  if (data.link) text.addEventListener("click", () => page.tell("go", data.link));
  if (look.wrap) element.classList.add("wrap");
  if (look.align === "fill") element.classList.add("shaft");
  else text.textContent = data.text;
  label.text = text;
  element.append(text);
  if (data.kind === "arrow" || look.align === "fill") element.setAttribute("aria-hidden", "true");
  return element;
}

// What a matrix is called: its name, and its caption where that says more.
export function titleOf(region) {
  const { name, role } = region.data;
  const caption = captionOf(region);
  if (role === "copy") return `${name}, a linked copy`;
  return caption && caption !== name ? `${name}: ${caption}` : name;
}

// The caption over a matrix, without the number of its step.
export const captionOf = (region) => (region.data.title ?? "").replace(/^(\(\d+\w?\)|[①-⑳])\s*/, "").trim();

// Where a cell stands within its matrix, in words: "row 2, node C".
export function placeOf(cell) {
  const { region, i, j } = cell;
  if (!region) return cellName(cell.row, cell.column);
  const { rows, columns } = region.data;
  const parts = [];
  if (region.height > 1) parts.push(`row ${rows ? rows[i] : i + 1}`);
  if (region.width > 1) parts.push(columns ? `column ${columns[j]}` : `column ${j + 1}`);
  return parts.join(", ");
}
