// How a cell looks right now: its number, and the looks that conditions bring, in the order of the workbook's rules.

import { holds } from "./page.js";
import { shown } from "./numbers.js";

const mix = (low, high, share) =>
  [0, 2, 4]
    .map((k) => {
      const [a, b] = [low, high].map((color) => parseInt(color.slice(k, k + 2), 16));
      return Math.round(a + (b - a) * share).toString(16).padStart(2, "0");
    })
    .join("");

function heatOf(points, number) {
  if (typeof number !== "number") return null;
  if (number <= points[0][0]) return points[0][1];
  for (let k = 1; k < points.length; k++) {
    const [[low, from], [high, to]] = [points[k - 1], points[k]];
    if (number <= high) return mix(from, to, (number - low) / (high - low || 1));
  }
  return points.at(-1)[1];
}

const bright = (color) => {
  const [r, g, b] = [0, 2, 4].map((k) => parseInt(color.slice(k, k + 2), 16) / 255);
  return 0.2126 * r ** 2.2 + 0.7152 * g ** 2.2 + 0.0722 * b ** 2.2;
};

// The first look whose condition holds, as a spreadsheet takes it, and the form of the number.
function lookOf(page, cell) {
  const { region, value } = cell;
  const { data } = region;
  const { looks, forms, colors } = page.plan;
  const form = forms[data.form];
  const { step, from } = page.state;
  const now = (number) => number > 0 && number >= from && number <= step;
  const mark = page.mark(cell.sheet, cell.row, cell.column);
  if (step !== null && !data.map) {
    const made = (data.formulas || data.block) && region.role !== "copy" && region.role !== "ones";
    if (now(region.step)) return [{ ink: colors.ink, fill: made ? colors.computed : colors.operand }, form];
    if ((data.used ?? []).some(now)) return [{ ink: colors.ink, fill: colors.operand }, form];
  }
  if (mark) return [mark, form];
  for (const { look, cells, form: own } of region.when) if (holds(cells[cell.k])) return [looks[look], own ?? form];
  const number = typeof value === "number";
  if (number && data.zeros && value === 0) return [looks.zero, form];
  if (number && data.inked && value > 0) return [looks.inked, form];
  if (number && data.edge && value !== 0) return [looks.edge, form];
  return [null, form];
}

export function paint(page, cell) {
  const { element, region } = cell;
  if (!element) return;
  const [look, form] = lookOf(page, cell);
  const text = region.data.number && region.data.kind !== "text" ? shown(cell.value, form, look?.number) : String(cell.value ?? "");
  let fill = look?.fill ?? "";
  let ink = look?.ink ?? "";
  if (!fill && region.data.heat) {
    fill = heatOf(region.data.heat, cell.value) ?? "";
    if (fill && bright(fill) < 0.3) ink ||= page.plan.colors.white;
  }
  const bold = look?.bold === undefined || look?.bold === null ? "" : look.bold ? "bold" : "normal";
  const key = `${text}|${fill}|${ink}|${bold}|${look?.sides ? 1 : 0}${look?.struck ? 1 : 0}`;
  if (cell.painted === key) return;
  cell.painted = key;
  if (element.textContent !== text) element.textContent = text;
  element.classList.toggle("long", text.length > 5);
  element.style.backgroundColor = fill && `#${fill}`;
  element.style.color = ink && `#${ink}`;
  element.style.fontWeight = bold;
  element.style.textDecoration = look?.struck ? "line-through" : "";
  element.style.boxShadow = look?.sides ? `inset 0 0 0 1.5px #${look.ink}` : "";
}

// A text, or an empty cell, whose look a condition may change.
export function paintSpot(page, sheet, row, column, element) {
  const look = page.mark(sheet, row, column);
  element.style.backgroundColor = look?.fill ? `#${look.fill}` : "";
  element.style.color = look?.ink ? `#${look.ink}` : "";
  element.style.fontWeight = look?.bold ? "bold" : "";
}
