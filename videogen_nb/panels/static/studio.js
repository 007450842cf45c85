// All panels in one: tabs for what to start from, the prompt, the videos, the gallery.

import { button, h, keyed, keyList, label, line, say } from "./dom.js";
import { gallery } from "./gallery.js";
import { prompt } from "./prompt.js";
import { mounted, tasks } from "./task.js";
import { upload } from "./upload.js";
import { url } from "./url.js";

const SOURCES = { image: ["upload", frames], url: ["url", url] };
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

/** The images of the first and, where the engine takes one, of the last frame. */
function frames(wire) {
  const studio = wire.up;
  const last = studio.at("last_frame", wire.signal);
  const zone = upload(last);
  const why = line("none", "vnb-small vnb-no-last");
  const node = h("div", { className: "vnb-frames" }, upload(wire), zone, why);
  const draw = () => {
    const refused = studio.state().no_last;
    zone.hidden = Boolean(refused) && !last.state().image;
    node.classList.toggle("vnb-one", zone.hidden);
    say(why, refused);
  };
  last.watch(draw);
  studio.watch(draw);
  return node;
}

/** The keys that do something, to be shown with a button or with "?". */
function shortcuts(wire) {
  const rows = keyList();
  const node = h("div", { className: "vnb-confirm", role: "group", hidden: true }, rows.node);
  const open = button("vnb-quiet vnb-help", () => show(node.hidden));
  open.textContent = "?";
  const show = (on) => {
    node.hidden = !on;
    label(open, String(on), "aria-expanded");
  };
  show(false);
  return {
    open,
    node,
    show,
    update(state) {
      label(open, wire.text("shortcuts"));
      label(node, wire.text("shortcuts"));
      open.title = wire.text("shortcuts");
      rows.show(state.shortcuts);
    },
  };
}

/** "?" shows the keys; Esc closes what is open, or goes to the button that cancels a task. */
function listen(node, help) {
  node.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "?" && !typing) help.show(help.node.hidden);
    else if (event.key !== "Escape") return;
    else if (!help.node.hidden) help.show(false);
    else {
      const buttons = [...node.querySelectorAll(".vnb-cancel")];
      const cancel = buttons.find((one) => !one.closest("[hidden]") && !one.disabled);
      if (!cancel) return;
      cancel.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  });
}

export function studio(wire) {
  const title = h("div", { className: "vnb-title", role: "heading", "aria-level": "3" });
  const where = h("div", { className: "vnb-small vnb-where" });
  const language = button("vnb-quiet vnb-language", () => wire.press("language"));
  const alert = line("alert", "vnb-alert");
  const none = line("none", "vnb-empty");
  const source = h("div", { className: "vnb-source" });
  const left = h("div", { className: "vnb-stack" }, prompt(wire.at("prompt"), source));
  const right = h("div", { className: "vnb-stack" }, none, tasks(wire.at("videos")));
  const body = h("div", { className: "vnb-studio-body" });
  const help = shortcuts(wire);
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
    help.update(state);
    // A tab opens at once, even while the kernel is busy; only the gallery is made by the kernel.
    const wanted = wire.now("tab");
    const now = wanted === "gallery" && !wire.at("gallery").state().part ? state.tab : wanted;
    if (now !== tab) open(now);
  });
  const node = h(
    "div",
    { className: "vnb-stack vnb-studio" },
    h("div", { className: "vnb-head" }, title, where, help.open, language),
    help.node,
    tabRow(wire),
    alert,
    body,
  );
  listen(node, help);
  return node;
}
