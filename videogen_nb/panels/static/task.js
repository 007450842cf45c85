// One task from its first moment to its video, and the list of those on the screen.

import { button, h, keyed, label, say } from "./dom.js";
import { progress } from "./progress.js";
import { video } from "./video.js";

/** A part drawn until it is taken away, which ends its wire and all that listens on it. */
export function mounted(wire, name, draw) {
  const end = new AbortController();
  wire.signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
  return { node: draw(wire.at(name, end.signal)), stop: () => end.abort() };
}

export function task(wire) {
  const node = h("div", { className: "vnb-part", role: "group" });
  const retry = button("vnb-retry", () => wire.press("retry"));
  let shown = null;
  let showing = "";
  wire.watch((state) => {
    label(node, state.label);
    say(retry, state.can_retry ? wire.text("retry") : "");
    if (state.showing === showing) return;
    showing = state.showing;
    shown?.stop();
    const draw = showing === "video" ? video : (inner) => progress(inner, retry);
    shown = mounted(wire, showing, draw);
    node.replaceChildren(shown.node);
  });
  return node;
}

export function tasks(wire) {
  const node = h("div", { className: "vnb-stack vnb-tasks", role: "group" });
  const list = keyed(node, (name) => mounted(wire, name, task));
  wire.watch((state) => {
    label(node, state.label);
    list.show(state.shown, (name) => name);
  });
  return node;
}
