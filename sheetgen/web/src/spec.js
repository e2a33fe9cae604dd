// The spec with the numbers of the page written into its text.

import { brief } from "./numbers.js";

// The spec's text, or what stands in the way: {text} or {problem}.
export function specText(page, edited) {
  const { spec } = page.plan;
  if (!spec) return { problem: "This page holds no spec." };
  const letters = [...spec.text];
  const { counter } = page.plan;
  const numbers = edited.filter((cell) => !counter || cell.row !== counter.row || cell.column !== counter.column);
  const tensors = Object.entries(spec.tensors);
  const whole = (name) => tensors.find(([, members]) => members.flat().includes(name))?.[0] ?? name;
  const changed = [...new Set(numbers.map((cell) => whole(cell.region.data.epochs || cell.region.data.matrix)))];
  const places = [];
  for (const name of changed) {
    const graph = page.graphs.find((chart) => chart.adjacency === name);
    if (spec.matrices[name]) places.push([...spec.matrices[name], `value: ${listText(page, spec.tensors[name] ?? name)}`]);
    else if (graph && spec.edges) places.push([...spec.edges, `edges: ${edgesText(page, graph)}`]);
    else return { problem: `The numbers of ${name} have no place of their own in the spec.` };
  }
  places.sort((a, b) => b[0] - a[0]);
  for (const [start, end, text] of places) letters.splice(start, end - start, ...text);
  return { text: letters.join("") };
}

// A given matrix as it stands on the page, perhaps in pieces and turned, or in the first row of a training.
export function numbersOf(page, name) {
  const found = page.regions.filter(({ data, role }) => data.matrix === name && role !== "copy" && !data.epochs);
  const rows = [];
  for (const region of found) {
    const [top, left] = region.data.corner ?? [0, 0];
    for (const cell of region.cells) {
      const [i, j] = region.data.turned ? [cell.j, cell.i] : [cell.i, cell.j];
      (rows[top + i] ??= [])[left + j] = cell.value;
    }
  }
  const first = page.regions.find(({ data }) => data.epochs === name);
  if (!first) return rows;
  const width = rows[0].length;
  return rows.map((row, i) => row.map((_, j) => first.cells[i * width + j].value));
}

const rowsText = (page, name) => `[${numbersOf(page, name).map((row) => `[${row.map(String).join(", ")}]`).join(", ")}]`;

// A matrix, or a list of matrices, or of such lists.
const listText = (page, names) => (Array.isArray(names) ? `[${names.map((each) => listText(page, each)).join(", ")}]` : rowsText(page, names));

function edgesText(page, { adjacency, labels, directed }) {
  const { cells, width } = page.matrix(adjacency);
  const edges = [];
  for (let u = 0; u < width; u++)
    for (let v = directed ? 0 : u; v < width; v++) {
      const { value } = cells[u * width + v];
      if (value) edges.push(`[${JSON.stringify(labels[u])}, ${JSON.stringify(labels[v])}${value === 1 ? "" : `, ${value}`}]`);
    }
  return `[${edges.join(", ")}]`;
}

export function download(page, history) {
  const { text, problem } = specText(page, history.edited);
  if (problem) return page.tell("say", problem);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  link.download = `${page.plan.title.toLowerCase().replace(/[^\p{L}\d]+/gu, "_") || "spec"}.yaml`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  page.tell("say", `${link.download} holds ${brief(history.edited.length)} changed number${history.edited.length === 1 ? "" : "s"}.`);
}
