// Above the page: how it is, undo, redo, reset, share, print, zoom.

import { make } from "./dom.js";
import { download } from "./spec.js";

const STATES = { starting: "starting …", drawn: "starting …", busy: "calculating …", live: "live", differs: "live, but some numbers differ from the workbook’s", still: "not live here: no WebAssembly" };

export function toolbar(page, history, desk) {
  const status = make("span", { class: "status", role: "status" }, STATES.starting);
  const button = (text, name, act) => make("button", { type: "button", title: name, "aria-label": name, on: { click: act } }, text);
  const undo = button("↶", "Undo", () => history.undo());
  const redo = button("↷", "Redo", () => history.redo());
  const reset = button("⟲", "Reset all numbers", () => history.reset());
  const link = () => `${location.href.split("#")[0]}#${history.fragment()}`;
  const remember = () => {
    try {
      window.history.replaceState(null, "", `#${history.fragment()}`);
    } catch {
      // some browsers allow no such thing on files
    }
  };
  const share = button("Share", "Copy a link to these numbers", async () => {
    remember();
    try {
      await navigator.clipboard.writeText(link());
      page.tell("say", "The link is copied.");
    } catch {
      page.tell("say", "The link stands in the address bar.");
    }
  });
  const save = button("Spec", "Download the spec with these numbers", () => download(page, history));
  const print = button("Print", "Print", () => window.print());
  const zooming = (by) => () => desk.fit(desk.zoom * by);
  const smaller = button("−", "Smaller", zooming(1 / 1.15));
  const larger = button("+", "Larger", zooming(1.15));
  for (const each of [smaller, larger, save, print]) each.classList.add("wide");
  const update = () => {
    undo.disabled = !history.done.length;
    redo.disabled = !history.undone.length;
    reset.disabled = !history.edited.length;
    remember();
  };
  for (const each of [undo, redo, reset]) each.disabled = true;
  return {
    elements: [status, undo, redo, reset, smaller, larger, share, ...(page.plan.spec ? [save] : []), print],
    state: (name) => {
      status.textContent = STATES[name];
      status.className = `status ${name}`;
    },
    update,
    remember,
  };
}
