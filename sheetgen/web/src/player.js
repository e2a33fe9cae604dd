// The steps: buttons, keys, a slider and a list. Everything later is hidden as in the workbook; the step is marked.

import { make } from "./dom.js";

const PACE = 3200; // milliseconds a step when it plays

export class Player {
  constructor(page, live) {
    this.page = page;
    this.live = live;
    this.steps = page.steps;
    this.at = 0; // 0 is everything
    this.timer = null;
    this.element = this.steps.length ? this.make() : make("div", { class: "player", hidden: !page.plan.about }, this.about());
  }

  about() {
    return (this.said = make("p", { class: "said" }, this.page.plan.about));
  }

  make() {
    const n = this.steps.length;
    const button = (text, name, act) => make("button", { type: "button", "aria-label": name, title: name, on: { click: act } }, text);
    this.back = button("‹", "Previous step", () => this.go(this.at - 1));
    this.playing = button("▶", "Play", () => this.play());
    this.playing.classList.add("play");
    this.next = button("›", "Next step", () => this.go(this.at + 1));
    this.all = button("All", "Show everything", () => this.go(0));
    this.slider = make("input", { type: "range", min: 0, max: n, value: 0, step: 1, "aria-label": "Step", on: { input: () => this.go(Number(this.slider.value)) } });
    this.where = make("p", { class: "where" });
    const said = this.about();
    said.setAttribute("aria-live", "polite");
    const parts = [make("div", { class: "buttons" }, this.back, this.playing, this.next, this.slider, this.all), this.where, said];
    if (this.page.plan.switched.length) parts.push(this.gradients());
    return make("div", { class: "player" }, ...parts);
  }

  // Of a training: which epoch the page shows.
  counter(history) {
    const { counter } = this.page.plan;
    if (!counter) return null;
    const cell = this.page.at(this.page.sheetNumber(counter.sheet), counter.row, counter.column);
    const number = make("output", {}, String(cell.value));
    const set = (value) => history.change([[cell, Math.max(0, Math.min(counter.last, value))]], true);
    const slider = make("input", { type: "range", min: 0, max: counter.last, step: 1, value: cell.value, "aria-label": counter.unit,
      on: { input: () => set(Number(slider.value)) } }); // prettier-ignore
    const button = (text, name, by) => make("button", { type: "button", "aria-label": name, on: { click: () => set(cell.value + by) } }, text);
    this.page.on("changed", () => {
      slider.value = cell.value;
      number.textContent = cell.value;
    });
    return make("div", { class: "counter" }, make("label", {}, `${counter.unit} `, number), make("div", { class: "buttons" },
      button("‹", `One ${counter.unit} back`, -1), slider, button("›", `One ${counter.unit} on`, 1))); // prettier-ignore
  }

  gradients() {
    const box = (this.box = make("input", { type: "checkbox", checked: true, id: "gradients", on: { change: () => {
      this.page.state.gradients = box.checked;
      const step = this.steps[this.at - 1];
      if (step && this.page.off(step.number)) this.go(this.steps.findLastIndex((each) => each.number < step.number && !this.page.off(each.number)) + 1);
      else this.live.step();
    } } })); // prettier-ignore
    return make("label", { class: "switch" }, box, " show the gradients");
  }

  list() {
    if (!this.steps.length) return null;
    const list = make("nav", { class: "steps", "aria-label": "Steps" });
    this.entries = [];
    let section = null;
    let group = null;
    this.steps.forEach((step, k) => {
      if (!group || (step.section && step.section !== section)) {
        section = step.section;
        group = make("div", { class: "group" }, make("h3", {}, section || "Steps"));
        list.append(group);
      }
      const entry = make("button", { type: "button", class: step.phase, on: { click: () => this.go(k + 1) } },
        make("b", {}, step.shown), " ", step.equation || step.sentence); // prettier-ignore
      this.entries.push(entry);
      group.append(entry);
    });
    return list;
  }

  play() {
    if (this.timer) return this.stop();
    this.playing.textContent = "❚❚";
    this.playing.setAttribute("aria-label", "Pause");
    const tick = () => {
      const next = this.steps[this.at];
      next && !this.page.off(next.number) ? this.go(this.at + 1, true) : this.stop();
    };
    this.timer = setInterval(tick, PACE);
    if (this.at === this.steps.length) this.go(1, true);
    else tick();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    if (!this.playing) return;
    this.playing.textContent = "▶";
    this.playing.setAttribute("aria-label", "Play");
  }

  // To step k, counted from 1; 0 is everything.
  go(k, played = false) {
    if (!this.steps.length) return;
    if (!played) this.stop();
    this.at = Math.max(0, Math.min(this.steps.length, k));
    const step = this.at ? this.steps[this.at - 1] : null;
    this.page.state.step = step ? Math.min(step.last, 1e6) : null;
    this.page.state.from = step ? step.number : null;
    if (step && this.page.off(step.number)) this.page.state.gradients = this.box.checked = true; // else nothing would be seen
    this.show();
    this.live.step();
    this.page.tell("step", step);
  }

  // The gradients, since one of them is wanted.
  reveal() {
    this.page.state.gradients = this.box.checked = true;
    this.live.step();
  }

  goTo(number) {
    const k = this.steps.findLastIndex((step) => step.number <= number);
    if (k >= 0) this.go(k + 1);
  }

  show() {
    if (!this.steps.length) return;
    const step = this.at ? this.steps[this.at - 1] : null;
    this.slider.value = this.at;
    this.slider.setAttribute("aria-valuetext", step ? `step ${step.shown}: ${step.equation || step.sentence}` : "everything");
    const { activeElement: held } = document; // a button that is switched off would lose the keyboard
    this.back.disabled = this.at === 0;
    this.next.disabled = this.at === this.steps.length;
    if (held === this.back && this.back.disabled) this.next.focus();
    if (held === this.next && this.next.disabled) this.back.focus();
    const count = `${this.steps.length} step${this.steps.length > 1 ? "s" : ""}`;
    this.where.textContent = step ? `${step.section ? `${step.section} · ` : ""}step ${this.at} of ${this.steps.length}` : `Everything at once · ${count}`;
    const said = step ? this.page.sentence(step) : this.page.plan.about || "Change any input and watch it run through the page. Or press play and follow the numbers step by step.";
    if (this.said.textContent !== said) this.said.textContent = said;
    this.entries?.forEach((entry, at) => {
      entry.setAttribute("aria-current", at + 1 === this.at ? "step" : "false");
    });
  }
}
