// Notes on matrices: seen when pointed at or focused. Where a matrix is touched, the panel tells them.

import { make } from "./dom.js";
import { cellOf } from "./edit.js";

export function tooltips(page, root) {
  const tip = make("div", { class: "tip", role: "tooltip", id: "tip", hidden: true });
  document.body.append(tip);
  const show = (cell) => {
    const note = cell?.region.data.note;
    tip.hidden = !note;
    if (!note) return;
    tip.textContent = note;
    const box = cell.region.element.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = tip;
    tip.style.left = `${Math.max(6, Math.min(innerWidth - wide - 6, box.left))}px`;
    tip.style.top = `${box.top - high - 6 > 0 ? box.top - high - 6 : Math.min(innerHeight - high - 6, box.bottom + 6)}px`;
  };
  root.addEventListener("pointerover", (event) => event.pointerType !== "touch" && show(cellOf(event)));
  root.addEventListener("pointerleave", () => show(null));
  root.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && show(cellOf(event)));
  root.addEventListener("focusout", () => show(null));
  addEventListener("scroll", () => show(null), true);
  addEventListener("keydown", (event) => event.key === "Escape" && show(null));
}
