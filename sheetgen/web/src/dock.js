// The graph stays in sight: where its place on the page is scrolled away, it stands in the panel.

import { make } from "./dom.js";

export function dock(things, root) {
  const place = make("div", { class: "dock", hidden: true });
  const home = things.charts.find(({ chart }) => chart.kind === "graph")?.element;
  if (!home || typeof IntersectionObserver === "undefined") return place;
  const body = home.querySelector(".drawing");
  new IntersectionObserver(
    ([entry]) => {
      const away = !entry.isIntersecting && home.isConnected;
      if (away === !place.hidden) return;
      place.hidden = !away;
      (away ? place : home).append(body);
    },
    { root, threshold: 0.15 },
  ).observe(home);
  return place;
}
