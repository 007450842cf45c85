// Panels of many videos: the grid of variations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { draw, key, sections, soon, until } from "./page.mjs";

const NASTY = "<img src=x onerror=alert(1)>";
const video = (name) => ({
  key: name,
  poster: `poster ${name}`,
  title: NASTY,
  name: `${name}.mp4`,
  path: `/videos/${name}.mp4`,
  width: 16,
  height: 9,
});
const tile = (id, more = {}) => ({
  id,
  title: `seed ${id}`,
  prompt: NASTY,
  state: "Completed",
  status: "completed",
  live: false,
  progress: 1,
  why: "",
  starred: false,
  rejected: false,
  video: video(id),
  ...more,
});
const GRID = {
  part: "grid",
  count: "3 of 3",
  can_cancel: false,
  again: "",
  tiles: ["1", "2", "3"].map((id) => tile(id)),
  compared: [],
  hide_rejected: false,
  rejected: 0,
  question: "",
  detail: "",
  detail_part: "",
};
const TEXTS = {
  panel: { notify: "Notify me", notify_blocked: "blocked by the browser" },
  grid: {
    star: "Star",
    reject: "Reject",
    compare: "Compare",
    like: "More like this",
    of: "{action}: {title}",
    open: "Open",
    play: "Play together",
    pause: "Pause",
    wipe: "Divider",
    wipe_hint: "Choose a second",
    pay: "Generate",
  },
};
const PIECE = {
  op: "piece",
  offset: 0,
  size: 1,
  type: "video/mp4",
  buffers: [new DataView(new ArrayBuffer(1))],
};
const grid = (more = {}) =>
  draw(sections({ "/": { ...GRID, ...more } }, TEXTS), (m) => (m.op === "pull" ? PIECE : {}));
const pressed = (model) =>
  model
    .said()
    .filter((m) => m.op === "press")
    .map((m) => [m.name, m.id]);

test("every tile has named buttons, and each has a key", () => {
  const { model, all, find } = grid();
  assert.equal(find("img[src=x]"), null);
  const names = all(".vnb-tile:first-child button").map((one) => one.getAttribute("aria-label"));
  assert.deepEqual(names, [
    `Open (Completed): seed 1`,
    ...["Star", "Reject", "Compare", "More like this"].map((name) => `${name}: seed 1`),
  ]);
  const [first, second] = all(".vnb-tile-open");
  first.focus();
  for (const name of ["s", "X", "c", "m"]) key(first, name);
  key(first, "ArrowRight");
  assert.equal(document.activeElement, second);
  key(second, "s");
  key(second, "s", { ctrlKey: true });
  second.click();
  assert.deepEqual(pressed(model), [
    ["star", "1"],
    ["reject", "1"],
    ["compare", "1"],
    ["like", "1"],
    ["star", "2"],
    ["open", "2"],
  ]);
  assert.deepEqual(
    all(".vnb-keys kbd").map((one) => one.textContent),
    ["← → ↑ ↓", "K", "J L", "S", "X", "C", "M"],
  );
});

test("what is starred and rejected is told to those who do not see it", () => {
  const { find, model } = grid({ tiles: [tile("1", { starred: true }), tile("2")], rejected: 1 });
  assert.equal(find(".vnb-tile-star").getAttribute("aria-pressed"), "true");
  assert.equal(find(".vnb-tile-reject").getAttribute("aria-pressed"), "false");
  model.change("/", { tiles: [tile("1", { rejected: true })] });
  assert.equal(find(".vnb-tile-star").getAttribute("aria-pressed"), "false");
  assert.equal(find(".vnb-tile-reject").getAttribute("aria-pressed"), "true");
});

test("a tile without a video cannot be opened or compared; without a task it has no buttons", () => {
  const { find } = grid({ tiles: [tile("1", { video: null, live: true, progress: null })] });
  assert.equal(find(".vnb-tile-open").disabled, true);
  assert.equal(find(".vnb-tile-compare").disabled, true);
  assert.equal(find(".vnb-tile progress").hidden, false);
  assert.equal(find(".vnb-tile .vnb-badge").textContent, "Completed");
});

test("all play together, also one that comes later", async () => {
  const { model, find, all } = grid();
  const playing = new Set();
  const watched = () => {
    for (const one of all(".vnb-tile video")) {
      one.play = async () => playing.add(one);
      one.pause = () => playing.delete(one);
    }
  };
  watched();
  assert.deepEqual(
    model.said().filter((m) => m.op === "pull"),
    [],
  );
  key(find(".vnb-tile-open"), "k");
  await until(() => playing.size === 3);
  assert.equal(find(".vnb-transport button").textContent, "Pause");
  model.change("/", { tiles: [...GRID.tiles, tile("4")] });
  await until(() => model.said().some((m) => m.key === "4"));
  key(find(".vnb-tile-open"), "K");
  await soon();
  assert.equal(playing.size, 0);
});

test("two are laid over each other, with a divider that keys move", async () => {
  const { model, find } = grid({ compared: ["1"] });
  assert.equal(find(".vnb-wipe").textContent, "Choose a second");
  model.change("/", { compared: ["1", "3"] });
  const slider = find(".vnb-divider");
  assert.equal(slider.getAttribute("aria-label"), "Divider");
  slider.value = 20;
  slider.dispatchEvent(new window.Event("input", { bubbles: true }));
  assert.equal(find(".vnb-wipe-box").style.getPropertyValue("--vnb-cut"), "20%");
  assert.equal(find(".vnb-wipe-right").textContent, "seed 3");
  key(slider, "x"); // typed into the slider, it rejects nothing
  assert.deepEqual(pressed(model), []);
  model.change("/", { compared: [] });
  assert.equal(find(".vnb-wipe").hidden, true);
});

test("a price is asked about, with the focus on the answer that costs nothing", () => {
  const { model, find } = grid();
  model.change("/", { question: "Generate 4 more? 3 CNY" });
  assert.equal(document.activeElement, find(".vnb-confirm button:last-child"));
  find(".vnb-confirm .vnb-primary").click();
  assert.deepEqual(pressed(model), [["pay", undefined]]);
});

test("who asked for it is notified once, when all has ended", async () => {
  const shown = [];
  globalThis.Notification = class {
    static permission = "default";
    static requestPermission = async () => {
      Notification.permission = "granted";
      return "granted";
    };
    constructor(title, { body }) {
      shown.push([title, body]);
    }
  };
  const { model, find } = grid({ can_cancel: true, count: "1 of 2" });
  const button = find(".vnb-notify");
  assert.equal(button.textContent, "Notify me");
  model.change("/", { can_cancel: true, count: "1 of 2" });
  button.click();
  await soon();
  assert.equal(button.getAttribute("aria-pressed"), "true");
  model.change("/", { can_cancel: false, count: "2 of 2" });
  model.change("/", { can_cancel: false, count: "2 of 2 completed" });
  assert.deepEqual(shown, [["A panel", "2 of 2"]]);
  delete globalThis.Notification;
});

test("a browser that blocks notifications is told about, and one without has no button", async () => {
  assert.equal(grid({ can_cancel: true }).find(".vnb-notify").hidden, true);
  globalThis.Notification = { permission: "denied" };
  const { find } = grid({ can_cancel: true });
  find(".vnb-notify").click();
  await soon();
  assert.equal(find(".vnb-notify").getAttribute("aria-pressed"), "false");
  assert.match(find(".vnb-notify").parentNode.textContent, /blocked by the browser/);
  delete globalThis.Notification;
});

test("the grid is gone without a trace", async () => {
  const { el, model, undo } = grid({ compared: ["1", "2"] });
  undo();
  await soon();
  assert.equal(el.children.length, 0);
  assert.equal(model.listeners(), 0);
});

const BATCH = {
  part: "batch",
  name: "ads",
  count: "1 of 1000",
  can_cancel: true,
  again: "Retry failed (1)",
  status: "",
  filters: [
    ["All (1000)", ""],
    ["Failed (1)", "failed"],
  ],
  total: 1000,
  first: 0,
  rows: [],
  share: 0.5,
  detail: "",
  detail_part: "",
};
const rowsFrom = (first, count) =>
  Array.from({ length: count }, (_, n) => ({
    id: String(first + n),
    row: first + n + 1,
    prompt: NASTY,
    state: "Queued",
    status: "pending",
    live: true,
    progress: null,
    why: "",
    file: "",
  }));
const batch = (more = {}) =>
  draw(sections({ "/": { ...BATCH, rows: rowsFrom(0, 20), ...more } }, { panel: {}, batch: {} }));

test("of a thousand rows only those in sight are drawn, and scrolling asks for others", async () => {
  const { model, find, all } = batch();
  assert.equal(all("[role=row]").length, 21);
  assert.equal(find("[role=table]").getAttribute("aria-rowcount"), "1001");
  assert.equal(find("img[src=x]"), null);
  assert.equal(find(".vnb-line-space").style.height, "34000px");
  const scroll = find(".vnb-lines-scroll");
  scroll.scrollTop = 17000;
  scroll.dispatchEvent(new window.Event("scroll"));
  scroll.dispatchEvent(new window.Event("scroll"));
  await soon(80);
  const asked = model.said().filter((m) => m.name === "window");
  assert.deepEqual(asked.at(-1).value.slice(0, 1), [490]);
  assert.equal(asked.length, 2); // the first look, and one for both scrolls
  model.change("/", { first: 490, rows: rowsFrom(490, 30) });
  const first = find(".vnb-line-space > [role=row]");
  assert.equal(first.getAttribute("aria-rowindex"), "492");
  assert.equal(first.style.top, "16660px");
});

test("a batch is filtered, tried again, cancelled, and its videos opened", () => {
  const done = { ...rowsFrom(0, 1)[0], file: "001.mp4", live: false };
  const { model, find } = batch({ rows: [done] });
  find(".vnb-retry").click();
  find(".vnb-cancel").click();
  find(".vnb-cell-open").click();
  assert.deepEqual(pressed(model), [
    ["again", undefined],
    ["cancel", undefined],
    ["open", "0"],
  ]);
});

const shotCard = (number, more = {}) => ({
  number,
  prompt: NASTY,
  seconds: "2",
  link: "cut",
  engine: "",
  status: "current",
  state: "Current",
  take: 1,
  takes: [{ take: 1, id: `${number}-1`, video: video(`s${number}`) }],
  video: video(`s${number}`),
  ...more,
});
const STORYBOARD = {
  part: "storyboard",
  name: "advert.json",
  cards: [shotCard(1), shotCard(2, { status: "stale", state: "Stale", video: null, takes: [] })],
  stale: 1,
  count: "1 of 2",
  can_join: false,
  compared: [],
  question: "",
  said: "",
};
const SHOTS = {
  earlier: "Move shot {number} earlier",
  later: "Move shot {number} later",
  shot: "Shot {number}",
  make: "Generate",
  another: "Another take",
  take: "Take {take}",
  cut: "Cut",
  continue: "Continue",
};
const storyboard = (more = {}) =>
  draw(
    sections(
      { "/": { ...STORYBOARD, ...more } },
      { panel: {}, storyboard: SHOTS, grid: TEXTS.grid },
    ),
    (m) => (m.op === "pull" ? PIECE : {}),
  );

test("shots are edited, moved and made", async () => {
  const { model, all, find } = storyboard();
  assert.equal(find("img[src=x]"), null);
  assert.deepEqual(
    all(".vnb-shot").map((one) => [one.getAttribute("aria-label"), one.dataset.status]),
    [
      ["Shot 1", "current"],
      ["Shot 2", "stale"],
    ],
  );
  const [first, second] = all(".vnb-shot");
  assert.equal(first.querySelector(".vnb-shot-earlier").disabled, true);
  assert.equal(second.querySelector(".vnb-shot-later").disabled, true);
  first.querySelector(".vnb-shot-make").click();
  second.querySelector(".vnb-shot-make").click();
  second.querySelector(".vnb-shot-earlier").click();
  const selects = all(".vnb-shot select");
  assert.equal(selects[0].disabled, true);
  selects[1].value = "continue";
  selects[1].dispatchEvent(new window.Event("input", { bubbles: true }));
  await soon();
  assert.deepEqual(
    model.said().map((m) => [m.name, m.number ?? m.value, m.place]),
    [
      ["another", 1, undefined],
      ["make", 2, undefined],
      ["move", 2, 1],
      ["link-2", "continue", undefined],
    ],
  );
});

test("of several takes one is chosen, and they are compared", () => {
  const takes = [1, 2].map((take) => ({ take, id: `1-${take}`, video: video(`t${take}`) }));
  const { model, all, find } = storyboard({ cards: [shotCard(1, { takes, take: 2 })] });
  const [one, two] = all(".vnb-take");
  assert.deepEqual(
    [one.textContent, one.getAttribute("aria-pressed"), two.getAttribute("aria-pressed")],
    ["Take 1", "false", "true"],
  );
  one.click();
  assert.deepEqual([model.sent.at(-1).name, model.sent.at(-1).take], ["choose", 1]);
  model.change("/", { compared: takes.map((take) => ({ ...take, title: `Take ${take.take}` })) });
  assert.equal(find(".vnb-wipe-right").textContent, "Take 2");
  find(".vnb-wipe .vnb-row > button:last-child").click();
  assert.equal(model.sent.at(-1).name, "uncompare");
});

test("a shot's video is fetched when it is played", async () => {
  const { model, find, undo, el } = storyboard();
  assert.deepEqual(
    model.said().filter((m) => m.op === "pull"),
    [],
  );
  find(".vnb-shot-video video").play = async () => {};
  find(".vnb-shot-play").click();
  await until(() => find(".vnb-shot-video video").controls);
  assert.equal(find(".vnb-shot-play").hidden, true);
  undo();
  await soon();
  assert.equal(el.children.length, 0);
  assert.equal(model.listeners(), 0);
});

const GALLERY = {
  part: "gallery",
  query: "",
  status: "",
  group: "",
  starred: false,
  groups: [["spring (60)", "spring"]],
  filters: [["All", ""]],
  items: [
    {
      id: "1",
      title: NASTY,
      about: "",
      state: "Completed",
      status: "completed",
      live: false,
      progress: 1,
      thumbnail: "",
      starred: true,
    },
  ],
  chosen: ["1"],
  offers_marks: true,
  marks: { title: "Old", labels: "a, b", group: "spring" },
  count: "1 of 1",
  empty: "",
  more: false,
  detail: "",
  detail_part: "",
};
const gallery = (more = {}) =>
  draw(
    sections(
      { "/": { ...GALLERY, ...more } },
      { panel: {}, gallery: { star: "Star: {title}", mark: "Title…", all_folders: "All folders" } },
    ),
  );

test("folders are chosen, stars given, and only what was touched is written", () => {
  const { model, find, all } = gallery();
  const folders = all("select")[1];
  assert.deepEqual(
    [...folders.options].map((one) => one.textContent),
    ["All folders", "spring (60)"],
  );
  folders.value = "spring";
  folders.dispatchEvent(new window.Event("input", { bubbles: true }));
  assert.deepEqual(model.sent.at(-1).value, "spring");
  const star = find(".vnb-card-star");
  assert.deepEqual([star.getAttribute("aria-pressed"), star.textContent], ["true", "★"]);
  star.click();
  assert.deepEqual(pressed(model), [["star", "1"]]);
  const start = all("button").find((one) => one.textContent === "Title…");
  start.click();
  const form = find(".vnb-confirm:not([hidden])");
  const [title, labels] = form.querySelectorAll("input");
  assert.deepEqual([title.value, labels.value], ["Old", "a, b"]);
  labels.value = "final";
  labels.dispatchEvent(new window.Event("input", { bubbles: true }));
  model.change("/", { marks: { ...GALLERY.marks, title: "Newer" } }); // elsewhere, meanwhile
  assert.deepEqual([title.value, labels.value], ["Newer", "final"]);
  form.querySelector(".vnb-primary").click();
  const { labels: sent, title: untouched } = model.sent.at(-1);
  assert.deepEqual([sent, untouched], ["final", undefined]);
  assert.equal(form.hidden, true);
});
