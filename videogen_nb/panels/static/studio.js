// All panels in one: tabs for what to start from, the prompt, the videos, the gallery.

import { button, h, keyed, label, line, say } from "./dom.js";
import { gallery } from "./gallery.js";
import { prompt } from "./prompt.js";
import { mounted, tasks } from "./task.js";
import { upload } from "./upload.js";
import { url } from "./url.js";

const SOURCES = { image: ["upload", upload], url: ["url", url] };
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** The row of tabs; arrow keys move between them, as in every tab list. */
function tabRow(wire) {
  const node = h("div", { className: "vnb-tabs", role: "tablist" });
  const list = keyed(node, (item) => {
    const tab = h("button", { type: "button", className: "vnb-tab", role: "tab" });
    tab.addEventListener("click", () => wire.set("tab", item.name));
    return {
      node: tab,
      update({ name, title }) {
        const here = wire.now("tab") === name;
        say(tab, title);
        label(tab, String(here), "aria-selected");
        tab.tabIndex = here ? 0 : -1;
        tab.classList.toggle("vnb-here", here);
      },
    };
  });
  node.addEventListener("keydown", (event) => {
    const tabs = [...node.children];
    const place = tabs.indexOf(event.target);
    const step = STEPS[event.key];
    if (!step || place < 0) return;
    event.preventDefault();
    const next = tabs[(place + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
  wire.watch((state) => {
    label(node, wire.text("tabs"));
    list.show(state.tabs, (item) => item.name);
  });
  return node;
}

export function studio(wire) {
  const title = h("div", { className: "vnb-title", role: "heading", "aria-level": "3" });
  const where = h("div", { className: "vnb-small vnb-where" });
  const language = button("vnb-quiet vnb-language", () => wire.press("language"));
  const alert = line("alert", "vnb-alert");
  const none = line("none", "vnb-empty");
  const source = h("div", { className: "vnb-source" });
  const left = h("div", { className: "vnb-stack" }, source, prompt(wire.at("prompt")));
  const right = h("div", { className: "vnb-stack" }, none, tasks(wire.at("videos")));
  const body = h("div", { className: "vnb-studio-body" });
  let shown = null;
  let tab = null;

  const open = (now) => {
    tab = now;
    shown?.stop();
    const [name, draw] = now === "gallery" ? ["gallery", gallery] : (SOURCES[now] ?? []);
    shown = name ? mounted(wire, name, draw) : null;
    body.classList.toggle("vnb-two", now !== "gallery");
    source.replaceChildren(...(shown && now !== "gallery" ? [shown.node] : []));
    source.hidden = !shown || now === "gallery";
    body.replaceChildren(...(now === "gallery" ? [shown.node] : [left, right]));
  };
  wire.watch((state) => {
    title.textContent = state.label;
    where.textContent = state.where;
    say(language, wire.text("other_language"));
    say(alert, state.error);
    say(none, state.empty);
    // A tab opens at once, even while the kernel is busy; only the gallery is made by the kernel.
    const wanted = wire.now("tab");
    const now = wanted === "gallery" && !wire.at("gallery").state().part ? state.tab : wanted;
    if (now !== tab) open(now);
  });
  return h(
    "div",
    { className: "vnb-stack vnb-studio" },
    h("div", { className: "vnb-head" }, title, where, language),
    tabRow(wire),
    alert,
    body,
  );
}
