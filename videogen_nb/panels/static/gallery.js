// All tasks of a gateway as cards: find, open, choose, compare, take along as a zip.

import { choices } from "./choices.js";
import { button, field, h, keyed, label, line, say } from "./dom.js";
import { bind } from "./messages.js";
import { saveBlob } from "./player.js";
import { mounted, task } from "./task.js";
import { compare, deletion, video } from "./video.js";

const DETAILS = { task, compare, video };

/** Thumbnails are asked for once each and kept as long as the gallery lives. */
function thumbnails(wire) {
  const kept = new Map();
  wire.signal.addEventListener("abort", () => {
    for (const url of kept.values())
      url.then(
        (found) => URL.revokeObjectURL(found),
        () => {},
      );
  });
  return (image, key) => {
    if (!key || image.dataset.key === key) return;
    image.dataset.key = key;
    if (!kept.has(key))
      kept.set(
        key,
        wire.pull(key).then((blob) => URL.createObjectURL(blob)),
      );
    kept.get(key).then(
      (found) => {
        if (image.dataset.key === key) image.src = found;
      },
      () => {
        kept.delete(key);
        delete image.dataset.key;
      },
    );
  };
}

/** One card: thumbnail, prompt, state; chosen with a checkbox, opened with a button. */
function card(wire, thumbnail, choose) {
  const box = h("input", { type: "checkbox", className: "vnb-card-box" });
  const image = h("img", { className: "vnb-card-image", loading: "lazy", alt: "" });
  const badge = h("span", { className: "vnb-badge" });
  const open = h("button", { type: "button", className: "vnb-card-open" }, image, badge);
  const title = h("div", { className: "vnb-card-title" });
  const about = h("div", { className: "vnb-card-about" });
  const bar = h("progress", { max: 1, className: "vnb-card-bar" });
  const star = button("vnb-card-star", () => wire.press("star", { id }));
  const use = button("vnb-quiet vnb-card-use", () => wire.press("use", { id }));
  const node = h(
    "li",
    { className: "vnb-card" },
    open,
    star,
    h(
      "label",
      { className: "vnb-card-foot" },
      box,
      h("div", { className: "vnb-card-texts" }, title, about),
    ),
    use,
    bar,
  );
  let id = "";
  let shown = null;
  open.addEventListener("click", () => wire.press("open", { id }));
  box.addEventListener("change", () => choose(id, box.checked));
  return {
    node,
    update(item) {
      id = item.id;
      const marks = wire.state().offers_marks;
      star.hidden = !marks;
      const chosen = wire.now("chosen").includes(id);
      const drawn = (image.dataset.key ?? "") === item.thumbnail && box.checked === chosen;
      if (item === shown && drawn && node.classList.contains("vnb-chosen") === chosen) return;
      shown = item;
      const names = { title: item.title, state: item.state };
      box.checked = chosen;
      label(box, wire.text("choose", names));
      label(open, wire.text(item.live ? "watch" : "open", names));
      label(open, open.getAttribute("aria-label"), "title");
      label(box, wire.text("choose", names), "title");
      node.dataset.status = item.status ?? "";
      node.classList.toggle("vnb-chosen", chosen);
      title.textContent = item.title;
      label(title, wire.text("choose", names), "title"); // a click on the words selects
      about.textContent = item.about;
      badge.textContent = item.state;
      const sign = item.starred ? "★" : "☆";
      say(star, marks ? sign : "");
      label(star, wire.text("star", names));
      label(star, String(Boolean(item.starred)), "aria-pressed");
      say(use, wire.state().can_use ? wire.text("use") : "");
      label(use, wire.text("use_of", names));
      bar.hidden = !item.live;
      label(bar, item.state);
      if (item.progress == null) bar.removeAttribute("value");
      else bar.value = item.progress;
      thumbnail(image, item.thumbnail);
    },
  };
}

/** Title, labels and folder of the chosen tasks. What is not touched stays as it is. */
function marks(wire) {
  const start = button("", () => show(node.hidden));
  const inputs = ["title", "labels", "group"].map((name) => {
    const input = h("input", { type: "text", autocomplete: "off" });
    const one = { name, input, ...field(input), touched: false };
    input.addEventListener("input", () => {
      one.touched = true;
    });
    return one;
  });
  const save = button("vnb-primary", () => {
    const touched = inputs.filter((one) => one.touched);
    wire.press("mark", Object.fromEntries(touched.map((one) => [one.name, one.input.value])));
    show(false);
  });
  const node = h(
    "div",
    { className: "vnb-confirm vnb-stack", role: "group", hidden: true },
    h("div", { className: "vnb-fields" }, ...inputs.map((one) => one.node)),
    h("div", { className: "vnb-row" }, save),
  );
  const show = (on) => {
    node.hidden = !on;
    label(start, String(on), "aria-expanded");
    for (const one of inputs) one.touched = false;
    if (on) update(wire.state());
  };
  const update = (state) => {
    say(start, wire.text("mark"));
    say(save, wire.text("mark_save"));
    label(node, wire.text("mark"));
    start.disabled = !state.marks;
    if (!state.marks) node.hidden = true;
    for (const one of inputs) {
      one.label.textContent = wire.text(`mark_${one.name}`);
      one.node.hidden = !(one.name in (state.marks ?? {}));
      if (!one.touched) one.input.value = state.marks?.[one.name] ?? "";
    }
  };
  label(start, "false", "aria-expanded");
  return { start, node, update };
}

/** What is opened above the cards, and a button to close it. */
export function detail(wire) {
  const box = h("div");
  const close = button("", () => wire.press("close"));
  const node = h(
    "div",
    { className: "vnb-stack vnb-detail", hidden: true },
    box,
    h("div", { className: "vnb-row" }, close),
  );
  let shown = null;
  let name = "";
  let drawn = false;
  return {
    node,
    update(state) {
      const opened = drawn && state.detail && state.detail !== name;
      drawn = true;
      say(close, wire.text("close"));
      if (state.detail === name) return;
      name = state.detail;
      shown?.stop();
      shown = name ? mounted(wire, name, DETAILS[state.detail_part]) : null;
      box.replaceChildren(...(shown ? [shown.node] : []));
      node.hidden = !name;
      // A card further down was opened: this is above all of them.
      if (opened) requestAnimationFrame(() => node.scrollIntoView?.({ block: "nearest" }));
    },
  };
}

export function gallery(wire) {
  const query = h("input", { type: "search", autocomplete: "off" });
  const search = field(query);
  const filtered = choices(wire, "status");
  const folder = choices(wire, "group");
  const starred = button("", () => wire.set("starred", !wire.now("starred")));
  const marked = marks(wire);
  const count = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const empty = line("none", "vnb-empty");
  const compareThem = button("", () => wire.press("compare"));
  const zip = button("", () => wire.press("zip"));
  const removal = deletion(wire);
  const refresh = button("", () => wire.press("refresh"));
  const more = button("vnb-more", () => wire.press("more"));
  const above = detail(wire);
  const loadingText = line("status", "vnb-status vnb-small");
  const loadingBar = h("progress");
  const loading = h("div", { className: "vnb-stack vnb-loading" }, loadingText, loadingBar);
  const list = h("ul", { className: "vnb-grid" });
  const showQuery = bind(query, wire, "query");
  const choose = (id, on) => {
    const rest = wire.now("chosen").filter((other) => other !== id);
    wire.set("chosen", on ? [...rest, id] : rest);
  };
  const thumbnail = thumbnails(wire);
  const cards = keyed(list, () => card(wire, thumbnail, choose));

  const draw = (state) => {
    search.label.textContent = wire.text("search");
    query.placeholder = wire.text("search_hint");
    filtered.update(wire.text("filter"), state.filters);
    const groups = state.groups ?? [];
    folder.update(wire.text("folder"), [[wire.text("all_folders"), ""], ...groups]);
    folder.node.hidden = !groups.length;
    say(starred, wire.text("starred"));
    label(starred, String(Boolean(wire.now("starred"))), "aria-pressed");
    marked.update(state);
    for (const one of [starred, marked.start]) one.hidden = !state.offers_marks;
    showQuery();
    say(compareThem, wire.text("compare"));
    say(zip, wire.text("zip"));
    say(refresh, wire.text("refresh"));
    compareThem.disabled = !state.can_compare;
    zip.disabled = !state.can_zip;
    compareThem.disabled ||= state.busy;
    removal.update(state.sure);
    removal.start.disabled = !state.can_delete || state.busy;
    removal.start.hidden = !state.offers_delete;
    if (!state.can_delete && !removal.confirm.hidden) removal.ask(false);
    loading.hidden = !state.loading;
    say(loadingText, state.loading);
    label(loadingBar, state.loading);
    say(count, state.count);
    say(alert, state.error);
    say(empty, state.empty);
    say(more, state.more ? wire.text("more") : "");
    label(list, wire.text("list"));
    cards.show(state.items);
    above.update(state);
  };
  // A file that Python has made for this browser, such as the zip.
  wire.hear("save", async ({ key, name }) => saveBlob(await wire.pull(key), name));
  wire.watch(draw);
  return h(
    "div",
    { className: "vnb-sheet" },
    h("div", { className: "vnb-fields vnb-find" }, search.node, filtered.node, folder.node),
    h(
      "div",
      { className: "vnb-row" },
      starred,
      compareThem,
      zip,
      marked.start,
      removal.start,
      refresh,
      count,
    ),
    removal.confirm,
    marked.node,
    alert,
    loading,
    above.node,
    empty,
    list,
    more,
  );
}
