// A class as its teacher sees it: people and their counts, one person's tasks, what to do.

import { button, h, keyed, label, line, say } from "./dom.js";

const COUNTS = ["waiting", "running", "made", "failed"];

function person(wire, { id }) {
  const name = button("vnb-quiet", () => wire.press("select", { id }));
  const cells = COUNTS.map(() => h("td"));
  const spent = h("td");
  return {
    node: h("tr", {}, h("td", {}, name), ...cells, spent),
    update(row) {
      say(name, row.name);
      label(name, String(row.selected), "aria-pressed");
      cells.forEach((cell, n) => {
        cell.textContent = row.cells[n];
      });
      spent.textContent = row.spent;
    },
  };
}

function work(wire, { id }) {
  const told = h("span", { className: "vnb-class-task" });
  const stop = button("vnb-quiet", () => wire.press("stop", { id }));
  const retry = button("vnb-quiet", () => wire.press("retry", { id }));
  return {
    node: h("div", { className: "vnb-row" }, told, stop, retry),
    update(row) {
      say(told, row.error ? `${row.line} — ${row.error}` : row.line);
      say(stop, row.can_stop ? wire.text("stop") : "");
      say(retry, row.can_retry ? wire.text("retry") : "");
    },
  };
}

export function classroom(wire) {
  const queue = line("status", "vnb-small");
  const note = line("alert", "vnb-alert");
  const alert = line("alert", "vnb-alert");
  const saved = line("status", "vnb-small");
  const pause = button("", () => wire.press("pause"));
  const sheet = button("", () => wire.press("sheet"));
  const zip = button("", () => wire.press("zip"));
  const heads = ["name", ...COUNTS, "spent"].map((name) => [name, h("th", { scope: "col" })]);
  const body = h("tbody");
  const table = h(
    "table",
    { className: "vnb-class" },
    h("thead", {}, h("tr", {}, ...heads.map(([, head]) => head))),
    body,
  );
  const list = h("div", { className: "vnb-stack" });
  const image = h("img", { className: "vnb-class-sheet", hidden: true });
  const people = keyed(body, (row) => person(wire, row));
  const tasks = keyed(list, (row) => work(wire, row));
  let shown = "";
  let url = "";

  const preview = async (state) => {
    if (!state.sheet || shown === state.saved) return;
    shown = state.saved;
    const got = await wire.pull(state.sheet).catch(() => null);
    if (!got || wire.signal.aborted) return;
    if (url) URL.revokeObjectURL(url);
    url = URL.createObjectURL(got);
    image.src = url;
    image.hidden = false;
  };
  wire.signal.addEventListener("abort", () => url && URL.revokeObjectURL(url));
  wire.watch((state) => {
    for (const [name, head] of heads) head.textContent = wire.text(name);
    people.show(state.people);
    tasks.show(state.tasks);
    say(queue, state.queue);
    say(note, state.note);
    say(alert, state.error);
    say(saved, state.saved);
    say(pause, wire.text(state.paused ? "resume" : "pause"));
    say(sheet, wire.text("sheet"));
    say(zip, wire.text("zip"));
    sheet.disabled = state.busy;
    zip.disabled = state.busy;
    image.alt = wire.text("sheet_alt");
    preview(state);
  });
  return h(
    "div",
    { className: "vnb-sheet" },
    h("div", { className: "vnb-row" }, queue, pause, sheet, zip),
    note,
    alert,
    h("div", { className: "vnb-class-scroll" }, table),
    list,
    saved,
    image,
  );
}
