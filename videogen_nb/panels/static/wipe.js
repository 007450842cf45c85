// Two videos laid over each other, with a divider to drag: the one left of it, the other right.

import { button, h, label, line, say } from "./dom.js";
import { screen, sharedControls } from "./player.js";

/** Shows the pair it is given; of one alone it says how a second is chosen. */
export function wipe(wire) {
  const node = h("div", { className: "vnb-stack vnb-wipe", role: "group", hidden: true });
  let pair = [];
  let parts = [];
  const stop = () => {
    for (const part of parts) part.stop?.();
    parts = [];
  };
  return {
    node,
    stop,
    update(items) {
      const chosen = items.filter((item) => item?.video);
      const now = chosen.map((item) => item.id);
      if (now.join() !== pair.join()) {
        pair = now;
        stop();
        parts = chosen.length === 2 ? laidOver(wire, chosen) : alone(wire, chosen);
        node.replaceChildren(...parts.map((part) => part.node));
        node.hidden = !chosen.length;
      }
      label(node, wire.text("compare"));
      for (const part of parts) part.update();
    },
  };
}

function alone(wire, chosen) {
  const hint = line("status", "vnb-small");
  return chosen.map(() => ({ node: hint, update: () => say(hint, wire.text("wipe_hint")) }));
}

function laidOver(wire, chosen) {
  const screens = chosen.map((item) => screen(wire, item.video, { single: false }));
  const [under, above] = screens;
  for (const one of screens) one.player.muted = true;
  above.frame.classList.add("vnb-wipe-above");
  const divider = h("div", { className: "vnb-wipe-line" });
  const names = chosen.map((item, place) =>
    h("span", {
      className: `vnb-badge ${place ? "vnb-wipe-right" : "vnb-wipe-left"}`,
      textContent: item.title,
    }),
  );
  const box = h("div", { className: "vnb-wipe-box" }, under.frame, above.frame, divider, ...names);
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    className: "vnb-divider",
  });
  const cut = () => box.style.setProperty("--vnb-cut", `${slider.value}%`);
  const follow = (event) => {
    const { left, width } = box.getBoundingClientRect();
    slider.value = (100 * (event.clientX - left)) / width;
    cut();
  };
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture(event.pointerId);
    follow(event);
  });
  box.addEventListener("pointermove", (event) => {
    if (box.hasPointerCapture(event.pointerId)) follow(event);
  });
  slider.addEventListener("input", cut);
  cut();
  const controls = sharedControls(wire, screens, { loop: true });
  const close = button("", () => wire.press("uncompare"));
  const row = h("div", { className: "vnb-row" }, controls.node, close);
  return [
    {
      node: box,
      update() {
        for (const one of screens) one.update();
      },
      stop() {
        for (const one of screens) one.stop();
      },
    },
    { node: slider, update: () => label(slider, wire.text("wipe")) },
    {
      node: row,
      update() {
        controls.update();
        say(close, wire.text("close"));
      },
      stop: controls.stop,
    },
  ];
}
