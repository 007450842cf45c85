// One task from its first moment to its video, and the list of those on the screen.

import { button, h, keyed, label, line, say } from "./dom.js";
import { whenSeen } from "./player.js";
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
  let waited = false; // for this very video, before these eyes
  wire.at("progress").watch(({ id, ended }) => {
    waited ||= Boolean(id) && !ended;
  });
  wire.watch((state) => {
    label(node, state.label);
    say(retry, state.can_retry ? wire.text("retry") : "");
    if (state.showing === showing) return;
    showing = state.showing;
    shown?.stop();
    const draw =
      showing === "video"
        ? (inner) => video(inner, { play: waited })
        : (inner) => progress(inner, retry);
    shown = mounted(wire, showing, draw);
    node.replaceChildren(shown.node);
  });
  return node;
}

/** A task that is not shown whole: its poster, or its state where it has none; opened by a click. */
function thumbnail(wire, list, name) {
  const image = h("img", { className: "vnb-card-image", alt: "" });
  const title = h("span", { className: "vnb-thumb-title" });
  const node = button("vnb-thumb", () => list.set("selected", name));
  node.append(h("span", { className: "vnb-thumb-image" }, image), title);
  let url = "";
  let seen = false;
  let asked = "";
  const show = async () => {
    const key = wire.at("video").state().videos?.[0]?.poster;
    if (!seen || !key || key === asked) return;
    asked = key;
    const blob = await wire
      .at("video")
      .pull(key)
      .catch(() => null);
    if (!blob || wire.signal.aborted) return;
    url = URL.createObjectURL(blob);
    image.src = url;
  };
  const draw = () => {
    const { prompt, id } = { ...wire.at("progress").state(), ...wire.at("video").state() };
    const { status, ended } = wire.at("progress").state();
    const named = prompt || id || "";
    say(title, wire.at("video").state().shown || !ended ? named : `${status ?? ""} · ${named}`);
    label(node, list.text("open", { title: title.textContent }));
    node.title = named;
    show();
  };
  for (const part of ["progress", "video"]) wire.at(part).watch(draw);
  whenSeen(
    node,
    () => {
      seen = true;
      show();
    },
    wire.signal,
  );
  wire.signal.addEventListener("abort", () => url && URL.revokeObjectURL(url));
  draw();
  return node;
}

/** The newest task and those under way whole, the others as a row of thumbnails. */
export function tasks(wire) {
  const whole = h("div", { className: "vnb-stack" });
  const heading = line("none", "vnb-small");
  const row = h("div", { className: "vnb-strip vnb-earlier", role: "group" });
  const earlier = h("div", { className: "vnb-chips", hidden: true }, heading, row);
  const count = line("none", "vnb-small");
  const unfold = button("vnb-chip vnb-unfold", () => wire.press("unfold"));
  const folded = h("div", { className: "vnb-row", hidden: true }, count, unfold);
  const node = h(
    "div",
    { className: "vnb-stack vnb-tasks", role: "group" },
    whole,
    earlier,
    folded,
  );
  const list = keyed(whole, (name) => mounted(wire, name, task));
  const small = keyed(row, (name) => mounted(wire, name, (inner) => thumbnail(inner, wire, name)));
  wire.watch((state) => {
    label(node, state.label);
    say(heading, wire.text("earlier"));
    label(row, wire.text("earlier"));
    list.show(state.whole, (name) => name);
    const others = state.shown.filter((name) => !state.whole.includes(name));
    earlier.hidden = !others.length;
    small.show(others, (name) => name);
    folded.hidden = !state.folded;
    say(count, state.folded);
    say(unfold, wire.text("unfold"));
    label(unfold, `${wire.text("unfold")}: ${state.folded}`);
  });
  return node;
}
