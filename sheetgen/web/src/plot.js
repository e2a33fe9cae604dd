// Bars, and points and lines over two axes of numbers, as SVG in pixels.

import { svg } from "./dom.js";
import { brief } from "./numbers.js";

const FONT = 11;
const LINE = 14;

const values = (page, [column, first, last]) =>
  page.columns.get(column).slice(first, last + 1).map((cell) => (typeof cell.value === "number" ? cell.value : null));

// The same before the last change, where that changed something; otherwise null.
function earlier(page, [column, first, last]) {
  const cells = page.columns.get(column).slice(first, last + 1);
  if (!cells.some((cell) => typeof cell.before === "number")) return null;
  return cells.map((cell) => cell.before ?? cell.value);
}

// Round numbers between two ends.
function ticks(low, high, wanted = 4, given = 0) {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = given || ([1, 2, 5, 10].map((k) => k * power).find((each) => each >= raw * 0.999) ?? raw);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

function axisOf(axis, numbers, bars) {
  const known = numbers.filter((number) => number !== null && (!axis.log || number > 0));
  let low = axis.low ?? (bars ? Math.min(0, ...known) : Math.min(...known));
  let high = axis.high ?? Math.max(...known, bars ? 0 : -Infinity);
  if (known.length) [low, high] = [Math.min(low, ...known), Math.max(high, ...known)];
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1];
  if (axis.log) {
    [low, high] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    if (low === high) high += 1;
    const all = Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k));
    return { ticks: all, share: (number) => (Math.log10(number) - low) / (high - low) };
  }
  if (low === high) [low, high] = [low - 1, high + 1];
  let found = ticks(low, high);
  if (axis.low === undefined || low < axis.low) low = Math.min(low, found[0]);
  if ((axis.high ?? null) === null && !bars) {
    const step = (found[1] ?? 1) - (found[0] ?? 0);
    high = Math.max(high, found.at(-1) + (high > found.at(-1) + 1e-12 ? step : 0));
    low = low < found[0] - 1e-12 ? found[0] - step : low;
    found = ticks(low, high);
  }
  return { ticks: found, share: (number) => (number - low) / (high - low) };
}

// Axes of one scale: as far as they should reach, or as numbers lie beyond that, in steps of one size.
function equalAxes(chart, xs, ys, box) {
  const made = [[chart.x, xs], [chart.y, ys]].map(([axis, numbers]) => {
    const known = numbers.filter((number) => number !== null);
    const low = Math.floor(Math.min(axis.low, ...known) / axis.step + 1e-9) * axis.step;
    const most = Math.max(axis.high, ...known);
    const high = most > axis.high ? Math.ceil(most / axis.step - 1e-9) * axis.step : axis.high;
    return { low, high, axis };
  });
  const [x, y] = made;
  const scale = Math.min((box.right - box.left) / (x.high - x.low), (box.bottom - box.top) / (y.high - y.low));
  const many = Math.max(x.high - x.low, y.high - y.low) / chart.x.step;
  const step = many > 10 ? 0 : chart.x.step;
  const left = (box.left + box.right - scale * (x.high - x.low)) / 2;
  const top = (box.top + box.bottom - scale * (y.high - y.low)) / 2;
  Object.assign(box, { left, top, right: left + scale * (x.high - x.low), bottom: top + scale * (y.high - y.low) });
  return made.map(({ low, high }) => ({ ticks: ticks(low, high, 4, step), share: (number) => (number - low) / (high - low) }));
}

function frame(chart, body, [wide, high]) {
  const picture = svg("svg", { "aria-hidden": "true" });
  body.append(picture);
  picture.setAttribute("viewBox", `0 0 ${wide} ${high}`);
  const legend = Math.max(4, 4 + LINE * legendLines(chart, wide).length);
  const box = { left: 40, right: wide - 10, top: 8, bottom: high - 22 - legend - (chart.x?.title ? 12 : 0) };
  return { picture, box, wide, high };
}

const word = (text, x, y, options = {}) => {
  const element = svg("text", { x, y, "font-size": FONT, ...options });
  element.textContent = text;
  return element;
};

function upAxis(page, parts, axis, box, made) {
  const { colors } = page.plan;
  for (const tick of made.ticks) {
    const y = box.bottom - made.share(tick) * (box.bottom - box.top);
    parts.push(svg("line", { x1: box.left, x2: box.right, y1: y, y2: y, stroke: `#${colors.grid}`, "stroke-width": 0.7 }));
    parts.push(word(brief(tick), box.left - 5, y + 3, { "text-anchor": "end" }));
  }
  if (axis.title)
    parts.push(word(axis.title, 10, (box.top + box.bottom) / 2, { "text-anchor": "middle", transform: `rotate(-90 10 ${(box.top + box.bottom) / 2})` }));
}

// What a legend tells of, line by line: {keys: [[series, left]], wide}.
function legendLines(chart, wide) {
  const lines = [];
  let room = 0;
  for (const series of chart.legend ? chart.series.filter((each) => !each.unkeyed) : []) {
    const takes = 22 + 6 * series.title.length;
    if (!lines.length || room + takes > wide) {
      lines.push({ keys: [], wide: 0 });
      room = 0;
    }
    lines.at(-1).keys.push([series, room]);
    lines.at(-1).wide = room += takes;
  }
  return lines;
}

function legendOf(chart, parts, { wide, high }) {
  const lines = legendLines(chart, wide);
  lines.forEach((line, n) => {
    const y = high - 5 - LINE * (lines.length - 1 - n);
    for (const [series, at] of line.keys) {
      const x = (wide - line.wide) / 2 + at + 16;
      const color = `#${series.fill ?? series.line?.[0]}`;
      parts.push(svg("rect", { x: x - 12, y: y - 8, width: 8, height: 8, fill: color }), word(series.title, x, y));
    }
  });
}

export function drawBars(page, chart, body, size) {
  const { picture, box, ...whole } = frame(chart, body, size);
  const { colors } = page.plan;
  return () => {
    const all = chart.series.map((series) => values(page, series.y));
    const categories = chart.written ? page.columns.get(chart.written[0]).map((cell) => cell.value) : chart.categories;
    const axis = axisOf(chart.y, all.flat(), chart.kind === "bars");
    const parts = [];
    upAxis(page, parts, chart.y, box, axis);
    const room = (box.right - box.left) / categories.length;
    const thick = (room * 0.65) / all.length;
    const y = (number) => box.bottom - axis.share(number) * (box.bottom - box.top);
    const middle = (k) => box.left + room * (k + 0.5);
    for (const [n, series] of chart.kind === "lines" ? chart.series.entries() : []) {
      const known = all[n].map((number, k) => [number, k]).filter(([number]) => number !== null);
      const d = known.map(([number, k], at) => `${at ? "L" : "M"}${middle(k).toFixed(1)} ${y(number).toFixed(1)}`).join("");
      parts.push(svg("path", { d, fill: "none", stroke: `#${series.fill}`, "stroke-width": series.line[1] * 0.8 }));
      for (const [number, k] of known) {
        const sign = svg("circle", { cx: middle(k), cy: y(number), r: 2.3, fill: `#${series.fill}` });
        sign.append(svg("title"));
        sign.firstChild.textContent = `${series.title}, ${categories[k]}: ${brief(number)}`;
        parts.push(sign);
      }
    }
    categories.forEach((text, k) => {
      parts.push(word(text, middle(k), box.bottom + 13, { "text-anchor": "middle" }));
      if (chart.kind === "lines") return;
      const left = box.left + room * k + (room - thick * all.length) / 2;
      all.forEach((numbers, n) => {
        if (numbers[k] === null || numbers[k] === undefined) return;
        const [top, bottom] = [Math.min(y(numbers[k]), y(0)), Math.max(y(numbers[k]), y(0))];
        const bar = svg("rect", { x: left + n * thick, y: top, width: thick, height: Math.max(0.5, bottom - top), fill: `#${chart.series[n].fill}`, stroke: `#${colors.ink}`, "stroke-width": 0.5 });
        bar.append(svg("title"));
        bar.firstChild.textContent = `${chart.series[n].title}, ${text}: ${brief(numbers[k])}`;
        parts.push(bar);
      });
      all.forEach((_, n) => {
        const before = earlier(page, chart.series[n].y)?.[k];
        if (typeof before !== "number" || before === all[n][k]) return;
        const x = left + n * thick;
        parts.push(svg("line", { x1: x - 2, x2: x + thick + 2, y1: y(before), y2: y(before), stroke: `#${colors.red}`, "stroke-dasharray": "3 2", "stroke-width": 1.5 }));
      });
    });
    const foot = chart.kind === "bars" || (axis.share(0) >= 0 && axis.share(0) <= 1) ? y(0) : box.bottom;
    parts.push(svg("line", { x1: box.left, x2: box.right, y1: foot, y2: foot, stroke: `#${colors.line}` }));
    legendOf(chart, parts, whole);
    picture.replaceChildren(...parts);
  };
}

const SIGNS = {
  circle: (x, y, r) => svg("circle", { cx: x, cy: y, r }),
  square: (x, y, r) => svg("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r }),
  diamond: (x, y, r) => svg("path", { d: `M${x} ${y - r * 1.2}l${r * 1.2} ${r * 1.2}l${-r * 1.2} ${r * 1.2}l${-r * 1.2} ${-r * 1.2}z` }),
  triangle: (x, y, r) => svg("path", { d: `M${x} ${y - r}l${r} ${2 * r}h${-2 * r}z` }),
};

// Where a point's name stands: from the point, and which end of it.
const BESIDE = { r: [6, 3, "start"], l: [-6, 3, "end"], t: [0, -7, "middle"], b: [0, 15, "middle"], ctr: [0, 3, "middle"] };

export function drawPlot(page, chart, body, size) {
  const { picture, box: room, ...whole } = frame(chart, body, size);
  const { colors } = page.plan;
  return () => {
    const box = { ...room };
    const all = chart.series.map((series) => [values(page, series.x), values(page, series.y)]);
    const xs = all.flatMap(([x, y]) => x.filter((_, k) => y[k] !== null));
    const ys = all.flatMap(([, y]) => y);
    const [across, up] = chart.undistorted ? equalAxes(chart, xs, ys, box) : [axisOf(chart.x, xs), axisOf(chart.y, ys)];
    const parts = [];
    upAxis(page, parts, chart.y, box, up);
    const px = (number) => box.left + across.share(number) * (box.right - box.left);
    const py = (number) => box.bottom - up.share(number) * (box.bottom - box.top);
    for (const tick of across.ticks) parts.push(word(brief(tick), px(tick), box.bottom + 13, { "text-anchor": "middle" }));
    parts.push(svg("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: `#${colors.line}` }));
    parts.push(svg("line", { x1: box.left, x2: box.left, y1: box.top, y2: box.bottom, stroke: `#${colors.line}` }));
    if (chart.x.title) parts.push(word(chart.x.title, (box.left + box.right) / 2, box.bottom + 26, { "text-anchor": "middle" }));
    chart.series.forEach((series, n) => {
      const points = all[n][0].map((x, k) => [x, all[n][1][k]]).filter(([x, y]) => x !== null && y !== null && (!chart.y.log || y > 0));
      const before = series.line && earlier(page, series.y);
      if (before) {
        const d = all[n][0].map((x, k) => [x, before[k]]).filter(([x, y]) => x !== null && typeof y === "number" && (!chart.y.log || y > 0))
          .map(([x, y], k) => `${k ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join(""); // prettier-ignore
        parts.push(svg("path", { d, fill: "none", stroke: `#${series.line[0]}`, "stroke-dasharray": "2 3", opacity: 0.6 }));
      }
      if (series.line && points.length) {
        const d = points.map(([x, y], k) => `${k ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("");
        const dashes = series.dashed ? { "stroke-dasharray": "6 4" } : {};
        parts.push(svg("path", { d, fill: "none", stroke: `#${series.line[0]}`, "stroke-width": series.line[1] * 0.8, "stroke-linejoin": "round", ...dashes }));
      }
      for (const [x, y] of series.symbol ? points : []) {
        const sign = SIGNS[series.symbol](px(x), py(y), (series.size ?? 6) / 2.2);
        sign.setAttribute("fill", series.ring ? "none" : `#${series.fill}`);
        if (series.ring) sign.setAttribute("stroke", `#${series.fill}`);
        sign.append(svg("title"));
        sign.firstChild.textContent = `${series.title}: ${brief(x)}, ${brief(y)}`;
        parts.push(sign);
      }
      if (series.label && points.length) {
        const [right, down, anchor] = BESIDE[series.label];
        parts.push(word(series.title.trim(), px(points[0][0]) + right, py(points[0][1]) + down, { "text-anchor": anchor }));
      }
    });
    legendOf(chart, parts, whole);
    picture.replaceChildren(...parts);
  };
}
