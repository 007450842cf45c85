// A batch as a table, one row a video. Only the rows in sight are drawn, and only those are told.

import { choices } from "./choices.js";
import { button, h, keyed, label, line, say } from "./dom.js";
import { detail } from "./gallery.js";
import { notifyMe } from "./notify.js";

const ROW_PX = 34;
const SPARE = 10; // rows beyond what is seen, above and below
const COLUMNS = ["row", "prompt", "state", "file"];

/** One row; it stands at its place in a list of which the others are not drawn. */
function row(wire) {
  const number = h("div", { role: "cell", className: "vnb-cell vnb-number" });
  const prompt = h("div", { role: "cell", className: "vnb-cell" });
  const state = h("span");
  const bar = h("progress", { max: 1, className: "vnb-cell-bar" });
  const standing = h("div", { role: "cell", className: "vnb-cell" }, state, bar);
  const open = button("vnb-quiet vnb-cell-open", () => wire.press("open", { id }));
  const file = h("div", { role: "cell", className: "vnb-cell" }, open);
  const node = h("div", { role: "row", className: "vnb-line-row" }, number, prompt, standing, file);
  let id = "";
  return {
    node,
    update(item) {
      id = item.id;
      node.style.top = `${item.place * ROW_PX}px`;
      node.dataset.status = item.status;
      label(node, String(item.place + 2), "aria-rowindex"); // the heading is row 1
      number.textContent = item.row;
      prompt.textContent = item.prompt;
      prompt.title = item.prompt;
      state.textContent = item.why || item.state;
      standing.title = item.why || item.state;
      bar.hidden = !item.live;
      label(bar, item.state);
      if (item.progress == null) bar.removeAttribute("value");
      else bar.value = item.progress;
      say(open, item.file);
      open.title = item.file;
      label(open, `${wire.text("open", { row: item.row })}: ${item.file}`);
    },
  };
}

/** The table: as high as a screen, its rows as many as the batch has. */
function table(wire) {
  const head = h("div", { role: "row", className: "vnb-line-row vnb-line-head" });
  head.append(...COLUMNS.map(() => h("div", { role: "columnheader", className: "vnb-cell" })));
  const space = h("div", { role: "rowgroup", className: "vnb-line-space" });
  const scroll = h("div", { className: "vnb-lines-scroll", tabIndex: 0 }, space);
  const node = h("div", { role: "table", className: "vnb-lines" }, head, scroll);
  const rows = keyed(space, () => row(wire));
  let wanted = "";
  const look = () => {
    const first = Math.max(0, Math.floor(scroll.scrollTop / ROW_PX) - SPARE);
    const count = Math.ceil((scroll.clientHeight || 10 * ROW_PX) / ROW_PX) + 2 * SPARE;
    if (wanted === `${first} ${count}`) return;
    wanted = `${first} ${count}`;
    wire.set("window", [first, count]);
  };
  let due = 0;
  scroll.addEventListener("scroll", () => {
    due ||= setTimeout(() => {
      due = 0;
      look();
    }, 50);
  });
  wire.signal.addEventListener("abort", () => clearTimeout(due));
  return {
    node,
    look,
    update(state) {
      label(node, wire.text("rows"));
      label(scroll, wire.text("rows"));
      label(node, String(state.total + 1), "aria-rowcount");
      COLUMNS.forEach((name, place) => {
        head.children[place].textContent = wire.text(name);
      });
      space.style.height = `${state.total * ROW_PX}px`;
      rows.show(state.rows.map((item, n) => ({ ...item, place: state.first + n })));
    },
    stop: rows.stop,
  };
}

export function batch(wire) {
  const title = line("none", "vnb-title");
  const count = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const bar = h("progress", { max: 1 });
  const filtered = choices(wire, "status");
  const cancel = button("vnb-cancel", () => wire.press("cancel"));
  const again = button("vnb-retry", () => wire.press("again"));
  const notify = notifyMe(wire);
  const above = detail(wire);
  const lines = table(wire);
  wire.watch((state) => {
    say(title, state.name);
    say(count, state.count);
    say(alert, state.error);
    bar.value = state.share;
    label(bar, state.count);
    filtered.update(wire.text("filter"), state.filters);
    say(cancel, state.can_cancel ? wire.text("cancel") : "");
    say(again, state.again);
    notify.update(state.can_cancel, state.name, state.count);
    above.update(state);
    lines.update(state);
    lines.look();
  });
  wire.signal.addEventListener("abort", lines.stop);
  return h(
    "div",
    { className: "vnb-sheet" },
    title,
    bar,
    h(
      "div",
      { className: "vnb-row vnb-lines-tools" },
      filtered.node,
      again,
      cancel,
      notify.node,
      count,
    ),
    alert,
    above.node,
    lines.node,
  );
}
