// Variations to choose from: played in step, two laid over each other, starred, rejected.

import { button, h, keyed, keyList, label, line, say } from "./dom.js";
import { detail } from "./gallery.js";
import { notifyMe } from "./notify.js";
import { STEP_S, screen, sharedControls } from "./player.js";
import { wipe } from "./wipe.js";

const ACTIONS = { s: "star", x: "reject", c: "compare", m: "like" };
const MARKS = { star: "vnb-starred", reject: "vnb-rejected", compare: "vnb-compared" };

/** One video with its buttons. `screens` are those that play together. */
function tile(wire, screens, controls) {
  const still = h("span", { className: "vnb-tile-still" });
  const badge = h("span", { className: "vnb-badge" });
  const open = h("button", { type: "button", className: "vnb-tile-open" }, still, badge);
  const bar = h("progress", { max: 1, className: "vnb-card-bar" });
  const title = h("div", { className: "vnb-card-title" });
  const why = line("none", "vnb-small vnb-tile-why");
  const buttons = Object.entries(ACTIONS).map(([key, name]) => {
    const one = button(`vnb-tile-${name}`, () => wire.press(name, { id }));
    label(one, key.toUpperCase(), "aria-keyshortcuts");
    return [name, key, one];
  });
  const row = h("div", { className: "vnb-row" }, ...buttons.map(([, , one]) => one));
  const node = h("li", { className: "vnb-card vnb-tile" }, open, bar, title, why, row);
  let id = "";
  let shown = null;
  let of = "";
  const forget = () => {
    if (!shown) return;
    screens.splice(screens.indexOf(shown), 1);
    shown.stop();
    shown = null;
  };
  const show = (video) => {
    if ((video?.key ?? "") === of) return;
    of = video?.key ?? "";
    forget();
    still.replaceChildren();
    if (!video) return;
    shown = screen(wire, video, { single: false, eager: false });
    shown.player.muted = true;
    shown.player.tabIndex = -1;
    still.append(shown.frame);
    screens.push(shown);
    controls.joined(shown);
  };
  open.addEventListener("click", () => wire.press("open", { id }));
  return {
    node,
    open,
    update(item) {
      id = item.id;
      node.dataset.id = id;
      node.dataset.status = item.status;
      show(item.video);
      shown?.update();
      const named = (action) => wire.text("of", { action, title: item.title });
      label(open, named(`${wire.text("open")} (${item.state})`));
      open.disabled = !item.video;
      say(badge, item.video ? (item.starred ? "★" : "") : item.state);
      badge.setAttribute("aria-hidden", "true");
      title.textContent = item.title;
      label(title, item.prompt, "title");
      say(why, item.why);
      bar.hidden = !item.live;
      label(bar, item.state);
      if (item.progress == null) bar.removeAttribute("value");
      else bar.value = item.progress;
      const marks = {
        star: item.starred,
        reject: item.rejected,
        compare: wire.state().compared.includes(id),
      };
      for (const [name, on] of Object.entries(marks)) node.classList.toggle(MARKS[name], on);
      for (const [name, key, one] of buttons) {
        say(one, item.status ? wire.text(name) : "");
        label(one, named(wire.text(name)));
        one.title = `${wire.text(name)} (${key.toUpperCase()})`;
        if (name in marks) label(one, String(marks[name]), "aria-pressed");
        one.disabled = name === "compare" && !item.video;
      }
    },
    stop: forget,
  };
}

/** The next tile in a direction: right, left, below, above; tiles stand in rows of `columns`. */
function neighbour(tiles, here, key) {
  const top = tiles[0].offsetTop;
  const columns = tiles.filter((one) => one.offsetTop === top).length || 1;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  return step ? tiles[here + step] : null;
}

/** The keys of the grid: each does what a button of the tile does in which the focus is. */
function listen(list, controls, node) {
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) return;
    if (event.target.closest(".vnb-detail")) return; // which has keys of its own
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const here = event.target.closest(".vnb-tile");
    const tiles = [...list.children];
    if (key === "k") controls.toggle();
    else if (key === "j" || key === "l") controls.move(key === "j" ? -STEP_S : STEP_S);
    else if (here && ACTIONS[key]) here.querySelector(`.vnb-tile-${ACTIONS[key]}`).click();
    else if (here && key.startsWith("Arrow"))
      neighbour(tiles, tiles.indexOf(here), key)?.querySelector("button").focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** What something would cost, and whether it is meant. */
export function question(wire) {
  const text = h("div");
  const yes = button("vnb-primary", () => wire.press("pay"));
  const no = button("", () => wire.press("no"));
  const node = h(
    "div",
    { className: "vnb-confirm vnb-stack", role: "alertdialog", hidden: true },
    text,
    h("div", { className: "vnb-row" }, yes, no),
  );
  return {
    node,
    update(asked) {
      say(yes, wire.text("pay"));
      say(no, wire.text("no"));
      label(node, asked);
      text.textContent = asked;
      if (node.hidden === !asked) return;
      node.hidden = !asked;
      if (asked) no.focus({ preventScroll: true });
    },
  };
}

export function grid(wire) {
  const screens = [];
  const controls = sharedControls(wire, screens, { loop: true });
  const count = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const cancel = button("vnb-cancel", () => wire.press("cancel"));
  const again = button("vnb-retry", () => wire.press("again"));
  const hide = button("", () => wire.set("hide_rejected", !wire.now("hide_rejected")));
  const notify = notifyMe(wire);
  const asked = question(wire);
  const above = detail(wire);
  const over = wipe(wire);
  const list = h("ul", { className: "vnb-grid vnb-tiles" });
  const keys = keyList();
  const tiles = keyed(list, () => tile(wire, screens, controls));
  const node = h(
    "div",
    { className: "vnb-sheet" },
    h("div", { className: "vnb-row" }, controls.node, hide, again, cancel, notify.node, count),
    alert,
    asked.node,
    above.node,
    over.node,
    list,
    keys.node,
  );
  wire.watch((state) => {
    say(count, state.count);
    say(alert, state.error);
    say(cancel, state.can_cancel ? wire.text("cancel") : "");
    say(again, state.again);
    say(hide, state.rejected ? wire.text("hide") : "");
    label(hide, String(Boolean(wire.now("hide_rejected"))), "aria-pressed");
    notify.update(state.can_cancel, state.label, state.count);
    label(list, wire.text("tiles"));
    asked.update(state.question);
    above.update(state);
    tiles.show(state.tiles);
    over.update(state.compared.map((id) => state.tiles.find((one) => one.id === id)));
    controls.update();
    keys.show([
      ["← → ↑ ↓", wire.text("key_move")],
      ["K", wire.text("key_play")],
      ["J L", wire.text("key_seek")],
      ...Object.entries(ACTIONS).map(([key, name]) => [key.toUpperCase(), wire.text(name)]),
    ]);
    label(keys.node, wire.text("keys"));
  });
  listen(list, controls, node);
  wire.signal.addEventListener("abort", () => {
    controls.stop();
    tiles.stop();
    over.stop();
  });
  return node;
}
