// The diagram of a chain of layers: neurons with their live values, and a line for each weight that isn't 0.

import { svg } from "./dom.js";
import { brief } from "./numbers.js";

export function drawNetwork(page, chart, body, [wide, high]) {
  const layers = chart.layers.map((name) => page.matrix(name));
  const weights = chart.weights.map((name) => page.matrix(name));
  const { colors } = page.plan;
  const most = Math.max(...layers.map((layer) => layer.height));
  const radius = Math.max(7, Math.min(15, (high / Math.max(2, most)) * 0.36));
  const spot = (k, i) => {
    const count = layers[k].height;
    const share = count === 1 ? 0.5 : count > 2 ? i / (count - 1) : 0.2 + 0.6 * i;
    return [radius + 4 + (k / (layers.length - 1)) * (wide - 2 * radius - 8), radius + 4 + share * (high - 2 * radius - 26)];
  };
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${high}`, "aria-hidden": "true" });
  body.append(picture);
  const cell = (k, i) => layers[k].cells[i * layers[k].width + chart.sample];
  return () => {
    const parts = [];
    weights.forEach((weight, k) => {
      for (let j = 0; j < layers[k].height; j++)
        for (let i = 0; i < weight.height; i++) {
          const value = weight.cells[i * weight.width + j]?.value;
          if (!value || typeof value !== "number") continue;
          const [[x, y], [p, q]] = [spot(k, j), spot(k + 1, i)];
          parts.push(svg("line", { x1: x + radius, y1: y, x2: p - radius, y2: q, stroke: `#${value > 0 ? colors.positive : colors.negative}`, "stroke-width": Math.min(3, 0.8 + Math.abs(value) * 0.4) }));
        }
    });
    layers.forEach((layer, k) => {
      if (page.later(layer.step)) return;
      for (let i = 0; i < layer.height; i++) {
        const [x, y] = spot(k, i);
        const { value } = cell(k, i);
        const awake = k === 0 ? colors.given : k === layers.length - 1 ? colors.likelihood[2] : colors.hidden;
        parts.push(svg("circle", { cx: x, cy: y, r: radius, fill: `#${value === 0 ? colors.resting : awake}` }));
        const text = svg("text", { x, y: y + 3.2, "text-anchor": "middle", "font-size": Math.min(9.5, radius * 0.8), "font-weight": "bold" });
        text.textContent = typeof value === "number" ? brief(Number(value.toFixed(1))) : "";
        parts.push(text);
      }
    });
    const key = (x, color, words) => {
      const text = svg("text", { x: x + 18, y: high - 4, "font-size": 9 });
      text.textContent = words;
      parts.push(svg("line", { x1: x, x2: x + 14, y1: high - 7, y2: high - 7, stroke: `#${color}`, "stroke-width": 2 }), text);
    };
    key(wide / 2 - 90, colors.positive, "weight > 0");
    key(wide / 2 + 10, colors.negative, "weight < 0");
    picture.replaceChildren(...parts);
  };
}
