// A finished video: play it, save it, see how it was made, make another, delete it.

import { button, h, label, line, linked, say } from "./dom.js";
import { exporting } from "./export.js";
import { player } from "./player.js";

/** How the video was made, to open: what was chosen and why, then every fact. */
function details(wire) {
  const summary = h("summary");
  const notes = h("ul", { className: "vnb-notes" });
  const rows = h("tbody");
  const node = h("details", {}, summary, notes, h("table", { className: "vnb-facts" }, rows));
  let shown = "";
  return {
    node,
    update(source) {
      summary.textContent = wire.text("source");
      node.setAttribute("aria-label", summary.textContent);
      label(node, wire.text("source"));
      const now = JSON.stringify(source);
      if (now === shown) return;
      shown = now;
      notes.replaceChildren(...source.notes.map((note) => h("li", { textContent: note })));
      rows.replaceChildren(
        ...source.facts.map(([name, value]) => {
          const head = h("th", { scope: "row", textContent: name });
          return h("tr", {}, head, h("td", { textContent: value }));
        }),
      );
    },
  };
}

/** "Delete …" and the question whether one means it, which `update` is given. */
export function deletion(wire) {
  const sure = h("div");
  const yes = button("vnb-danger-now", () => wire.press("delete"));
  const no = button("", () => ask(false));
  const start = button("vnb-delete", () => ask(true));
  const confirm = h(
    "div",
    { className: "vnb-confirm vnb-stack", role: "group", hidden: true },
    sure,
    h("div", { className: "vnb-row" }, yes, no),
  );
  const ask = (on) => {
    confirm.hidden = !on;
    start.hidden = on;
    (on ? yes : start).focus({ preventScroll: true });
  };
  return {
    start,
    confirm,
    update(question) {
      sure.textContent = question;
      label(confirm, wire.text("delete"));
      start.textContent = wire.text("delete");
      yes.textContent = wire.text("delete_now");
      no.textContent = wire.text("keep");
    },
    ask,
  };
}

/** `play`: the person has waited for it, so it plays once. */
export function video(wire, { play = false } = {}) {
  const title = line("none", "vnb-title");
  const status = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const facts = line("none", "vnb-small");
  const drawn = linked("vnb-small vnb-drawn");
  const id = line("none", "vnb-id");
  const source = details(wire);
  const again = button("vnb-again", () => wire.press("again"));
  const use = button("vnb-use", () => wire.press("use"));
  const carryOn = button("vnb-continue", () => wire.press("continue"));
  const removal = deletion(wire);
  const body = h(
    "div",
    { className: "vnb-stack" },
    player(wire, { play }),
    drawn.node,
    facts,
    h("div", { className: "vnb-row" }, use, carryOn, again, removal.start),
    removal.confirm,
    exporting(wire.at("export")),
    source.node,
  );
  wire.watch((state) => {
    say(title, state.prompt);
    say(status, state.status);
    say(alert, state.error);
    body.hidden = !state.shown;
    say(facts, state.facts);
    drawn.show(state.drawn);
    source.update(state.source);
    say(again, state.can_repeat ? wire.text("again") : "");
    again.disabled = state.repeating;
    say(use, state.can_use ? wire.text("use") : "");
    say(carryOn, state.can_continue ? wire.text("continue") : "");
    removal.update(wire.text("sure", { name: state.videos[0]?.name }));
    if (!state.can_delete) removal.start.hidden = true;
    say(id, state.id);
  });
  return h("div", { className: "vnb-sheet" }, title, status, alert, body, id);
}

/** Videos side by side, with one time line for all. */
export function compare(wire) {
  const alert = line("alert", "vnb-alert");
  wire.watch((state) => say(alert, state.error));
  return h("div", { className: "vnb-sheet" }, player(wire), alert);
}
