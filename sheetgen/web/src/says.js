// What cells are called, and what is marked on them.

import { brief } from "./numbers.js";
import { placeOf, titleOf } from "./sheet.js";

// A cell says its matrix, its place and what it holds: "H₁, row 2, column C: 6".
export function nameCell(cell) {
  if (!cell.element) return;
  const name = titleOf(cell.region).split(":")[0];
  cell.element.setAttribute("aria-label", `${[name, placeOf(cell)].filter(Boolean).join(", ")}: ${brief(cell.value)}`);
}

// Inputs that were edited have a red corner, and results that the last change has changed a dashed frame.
export function markCells(page) {
  for (const { data, role, cells } of page.regions) {
    const result = role === "output" || role === "verdict" || Boolean(data.large);
    if (!result && (!data.kind || page.plan.sealed)) continue;
    for (const cell of cells) {
      if (!cell.element) continue;
      cell.element.classList.toggle("edited", cell.editable && cell.value !== cell.start);
      const was = result && cell.before !== undefined && cell.before !== cell.value;
      cell.element.classList.toggle("was", was);
      if (result) cell.element.title = was ? `before: ${brief(cell.before)}` : "";
    }
  }
}
