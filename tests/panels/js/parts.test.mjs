import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { draw, key, motion, observers, sections, soon, type, until, urls } from "./page.mjs";

const NASTY = "<img src=x onerror=alert(1)>";
const VIDEO = {
  key: "v",
  poster: "p",
  title: NASTY,
  name: "v.mp4",
  path: "/videos/v.mp4",
  width: 16,
  height: 9,
};
const TASK = { part: "task", showing: "progress", can_retry: false };
const DRAWN = { line: `Drawn: ${NASTY}`, link: "http://localhost:1/engines", more: "Real models" };
const PROGRESS = {
  part: "progress",
  drawn: DRAWN,
  prompt: NASTY,
  status: "Drawing",
  progress: 0.1,
  numbers: "10%",
  id: "Task 1-2",
  ended: false,
  can_cancel: true,
  cancelling: false,
  can_wait: false,
};
const SHOWN = {
  part: "video",
  prompt: NASTY,
  status: "",
  shown: true,
  videos: [VIDEO],
  facts: "1 s",
  drawn: DRAWN,
  id: "Task 1-2",
  source: { notes: [NASTY], facts: [["prompt", NASTY]] },
  can_repeat: true,
  can_use: true,
  can_continue: true,
  can_delete: true,
  repeating: false,
};
const PROMPT = {
  part: "prompt",
  title: "What should the video show?",
  placeholder: "",
  value: "",
  own_videos: false,
  summary: "5 s · random seed",
  options_wrong: false,
  examples: {
    title: "Scenes",
    posters: "",
    items: [{ title: "Sea", example: "the sea", hint: "Use: the sea" }],
  },
  fields: [
    {
      name: "ratio",
      title: "Aspect ratio",
      choices: [
        ["Auto", ""],
        ["16:9", "16:9"],
      ],
    },
  ],
  engine: "",
  duration: "",
  ratio: "",
  resolution: "",
  seed: "",
  notice: "",
  drawn: DRAWN,
  key: "",
  retry: false,
  status: "",
};
const UPLOAD = { part: "upload", accept: "image/png", limit: 100, image: null };
const URLPART = { part: "url", value: "", status: "", wrong: false, alert: "", seen: null };
const CARD = {
  id: "1",
  title: NASTY,
  about: "",
  state: "Completed",
  status: "completed",
  live: false,
  progress: 1,
  thumbnail: "1",
};
const GALLERY = {
  part: "gallery",
  query: "",
  status: "",
  filters: [
    ["All", ""],
    ["Running", "running"],
  ],
  items: [CARD],
  chosen: [],
  group: "",
  starred: false,
  groups: [],
  marks: null,
  count: "1 of 1",
  empty: "",
  more: false,
  can_compare: false,
  can_zip: false,
  can_use: false,
  can_delete: false,
  offers_delete: true,
  offers_marks: true,
  sure: "",
  loading: "",
  detail: "",
  detail_part: "",
};
const STUDIO = {
  part: "studio",
  tab: "text",
  where: "gateway",
  empty: "None yet",
  no_last: "",
  shortcuts: [["Ctrl+Enter", "generate"]],
  tabs: ["image", "url", "text", "gallery"].map((name) => ({ name, title: name })),
};
const TEXTS = {
  panel: { kernel_gone: "gone", kernel_busy: "busy" },
  prompt: { start: "Generate video", seed: "Seed", keep_key: "Save key", retry: "Reconnect" },
  progress: { cancel: "Cancel", cancelling: "Cancelling…", wait: "Keep waiting", bar: "Progress" },
  task: { retry: "Retry" },
  video: {
    delete: "Delete…",
    delete_now: "Delete permanently",
    keep: "Keep",
    again: "Again",
    sure: "Sure? {name}",
    save: "Save",
    copy: "Copy",
  },
  gallery: { more: "Show older tasks", close: "Close", choose: "Select: {title}" },
  upload: { too_large: "{name} is {size} MiB", title: "Drop", alt: "Chosen: {name}" },
};
const studioOf = (more = {}) =>
  sections(
    {
      "/": STUDIO,
      "/upload": UPLOAD,
      "/last_frame": { ...UPLOAD, part: "last_frame" },
      "/url": URLPART,
      "/prompt": PROMPT,
      "/videos": { part: "tasks", shown: [], whole: [] },
      ...more,
    },
    TEXTS,
  );

test("every part can stand alone, and is gone without a trace", async () => {
  const alone = {
    compare: { part: "compare", videos: [VIDEO, { ...VIDEO, key: "w" }] },
    gallery: GALLERY,
    progress: PROGRESS,
    prompt: PROMPT,
    tasks: { part: "tasks", shown: [], whole: [] },
    upload: UPLOAD,
    url: URLPART,
    video: SHOWN,
  };
  for (const [name, state] of Object.entries(alone)) {
    const { el, model, undo, find } = draw(sections({ "/": state }, TEXTS));
    assert.equal(find(".vnb-panel").getAttribute("role"), "group", name);
    assert.equal(find(".vnb-panel").getAttribute("aria-label"), "A panel", name);
    assert.equal(find("img[src=x]"), null, name);
    undo();
    await soon();
    assert.equal(el.children.length, 0, name);
    assert.equal(model.listeners(), 0, name);
  }
});

test("what a card opens above the others comes into sight, and not when a page is drawn", async () => {
  const opened = { ...GALLERY, detail: "detail", detail_part: "video" };
  const seen = [];
  const { el, model, undo } = draw(sections({ "/": GALLERY }, TEXTS));
  const kind = el.ownerDocument.defaultView.HTMLElement.prototype;
  const before = kind.scrollIntoView;
  kind.scrollIntoView = function () {
    seen.push(this.className);
  };
  try {
    model.update({ "/": opened, "/detail": SHOWN });
    await soon();
    assert.deepEqual(seen, ["vnb-stack vnb-detail"]);
    undo();
    draw(sections({ "/": opened, "/detail": SHOWN }, TEXTS)).undo();
    await soon();
    assert.equal(seen.length, 1);
  } finally {
    kind.scrollIntoView = before;
  }
});

test("progress moves in the same card, and its texts stay texts", () => {
  const { model, find } = draw(
    studioOf({
      "/videos": { part: "tasks", shown: ["task-1"], whole: ["task-1"] },
      "/videos/task-1": TASK,
      "/videos/task-1/progress": PROGRESS,
    }),
  );
  const bar = find("progress");
  assert.equal(find(".vnb-tasks .vnb-title").textContent, NASTY);
  model.change("/videos/task-1/progress", { progress: 0.5 });
  assert.equal(find("progress"), bar);
  assert.equal(Number(bar.value), 0.5);
  model.change("/videos/task-1/progress", { progress: null });
  assert.equal(bar.hasAttribute("value"), false);
});

test("a task's progress gives way to its video", async () => {
  const { model, find } = draw(
    studioOf({
      "/videos": { part: "tasks", shown: ["task-1"], whole: ["task-1"] },
      "/videos/task-1": TASK,
      "/videos/task-1/progress": PROGRESS,
    }),
  );
  const before = model.listeners();
  model.update({
    "/videos/task-1/video": { ...SHOWN },
    "/videos/task-1": { ...TASK, showing: "video" },
  });
  assert.equal(find("progress"), null);
  assert.equal(find("video").getAttribute("data-lm-suppress-shortcuts"), "true");
  model.update({ "/videos": { part: "tasks", shown: [], whole: [] } });
  assert.ok(model.listeners() < before);
});

test("a video is exported for what is chosen, and the file is taken to the browser", async () => {
  const piece = { op: "piece", offset: 0, size: 1, buffers: [new DataView(new ArrayBuffer(1))] };
  const targets = [
    ["Reels", "reels"],
    [NASTY, "gif"],
  ];
  const ready = { part: "export", target: "reels", targets, share: null, said: "" };
  const { model, find } = draw(
    sections({ "/": SHOWN, "/export": ready }, { export: { open: "Export…", working: "Busy" } }),
    (m) => (m.op === "pull" ? piece : { op: "ack" }),
  );
  const select = find("details select");
  select.value = "gif";
  select.dispatchEvent(new window.Event("input"));
  find(".vnb-export").click();
  const said = model.said().map((m) => [m.to, m.op, m.value ?? m.name]);
  assert.deepEqual(said.slice(-2), [
    ["/export", "set", "gif"],
    ["/export", "press", "export"],
  ]);
  model.change("/export", { busy: true, share: 0.5 });
  assert.equal(find("details progress").value, 0.5);
  assert.ok(find(".vnb-export").disabled);
  model.change("/export", { busy: false, said: NASTY });
  assert.equal(find("details progress"), null);
  const before = urls.made.length;
  model.emit("msg:custom", { op: "save", key: "a.gif", name: "a.gif", to: "/export" }, []);
  await soon();
  assert.equal(urls.made.length, before + 1);
});

test("cancelling is asked for once, and trying again stands in the task's own card", () => {
  const { model, find, all } = draw(sections({ "/": TASK, "/progress": PROGRESS }, TEXTS));
  find(".vnb-cancel").click();
  assert.deepEqual(
    model.said().map((m) => [m.to, m.name]),
    [["/progress", "cancel"]],
  );
  model.change("/progress", { cancelling: true });
  assert.deepEqual(
    [find(".vnb-cancel").textContent, find(".vnb-cancel").disabled],
    ["Cancelling…", true],
  );
  assert.equal(find(".vnb-retry").hidden, true);
  model.change("/", { can_retry: true });
  assert.equal(find(".vnb-retry").hidden, false);
  assert.equal(all(".vnb-sheet .vnb-retry").length, 1);
  find(".vnb-retry").click();
  assert.deepEqual([model.sent.at(-1).to, model.sent.at(-1).name], ["/", "retry"]);
});

test("deleting asks first", () => {
  const { model, find } = draw(sections({ "/": SHOWN }, TEXTS));
  find(".vnb-delete").click();
  assert.deepEqual(
    model.said().filter((m) => m.op === "press"),
    [],
  );
  assert.equal(find(".vnb-confirm").hidden, false);
  assert.match(find(".vnb-confirm").textContent, /Sure\? v\.mp4/);
  assert.equal(document.activeElement.textContent, "Delete permanently");
  find(".vnb-confirm button:last-child").click();
  assert.equal(find(".vnb-confirm").hidden, true);
  find(".vnb-delete").click();
  find(".vnb-danger-now").click();
  assert.equal(model.sent.at(-1).name, "delete");
});

test("provenance is told as text", () => {
  const { find } = draw(sections({ "/": SHOWN }, TEXTS));
  assert.equal(find(".vnb-notes li").textContent, NASTY);
  assert.equal(find(".vnb-facts td").textContent, NASTY);
});

test("a video's bytes are asked for when it comes into view, and let go with it", async () => {
  observers.length = 0;
  const blob = {
    op: "piece",
    offset: 0,
    size: 1,
    type: "video/mp4",
    buffers: [new DataView(new ArrayBuffer(1))],
  };
  const { model, find, undo } = draw(sections({ "/": SHOWN }, TEXTS), (m) =>
    m.op === "pull" ? blob : { op: "ack" },
  );
  await soon();
  assert.deepEqual(model.said(), []);
  observers.at(-1).see();
  await soon();
  assert.deepEqual(
    model
      .said()
      .map((m) => m.key)
      .sort(),
    ["p", "v"],
  );
  await until(() => find("video").src);
  assert.match(find("video").src, /^blob:/);
  assert.equal(find("video").controls, true);
  assert.ok(!find("video").autoplay && !find("video").loop);
  urls.revoked.length = 0;
  undo();
  assert.equal(urls.revoked.length, 2);
});

test("a new language says everything anew and keeps the player", () => {
  const { model, find } = draw(sections({ "/": SHOWN }, TEXTS));
  const player = find("video");
  model.update({
    texts: { video: { ...TEXTS.video, save: "保存视频" } },
    "/": { ...SHOWN, language: "zh" },
  });
  assert.equal(find("video"), player);
  assert.equal(find(".vnb-file button").textContent, "保存视频");
  assert.equal(find(".vnb-panel").getAttribute("lang"), "zh");
});

test("the prompt goes with the press, which cannot be made twice at once", async () => {
  const { model, find } = draw(sections({ "/": PROMPT }, TEXTS));
  type(find("textarea"), "the sea");
  find(".vnb-go").click();
  find(".vnb-go").click();
  assert.deepEqual(
    model.said().map((m) => [m.op, m.name, m.value]),
    [
      ["set", "value", "the sea"],
      ["press", "start", undefined],
    ],
  );
  assert.equal(find(".vnb-go").disabled, true);
  await soon();
  assert.equal(find(".vnb-go").disabled, false);
  model.change("/", { busy: true });
  assert.equal(find(".vnb-go").disabled, true);
});

test("Ctrl+Enter and ⌘+Enter start, Enter alone does not", () => {
  const { model, find } = draw(sections({ "/": PROMPT }, TEXTS));
  key(find("textarea"), "Enter");
  assert.deepEqual(model.said(), []);
  key(find("textarea"), "Enter", { metaKey: true });
  assert.deepEqual(
    model.said().map((m) => m.name),
    ["start"],
  );
});

test("an example, a choice and a seed go to the kernel", async () => {
  const { model, find } = draw(sections({ "/": PROMPT }, TEXTS));
  find(".vnb-chip").click();
  find("select").value = "16:9";
  find("select").dispatchEvent(new window.Event("input"));
  type(find(".vnb-seed input"), "7");
  await soon(150);
  const said = model.said().map((m) => [m.op, m.name, m.example ?? m.value]);
  assert.deepEqual(said, [
    ["press", "example", "the sea"],
    ["set", "ratio", "16:9"],
    ["set", "seed", "7"],
  ]);
});

test("a redraw leaves the focus where it is", () => {
  const { model, find } = draw(studioOf());
  for (const css of ["textarea", "select", ".vnb-seed input", ".vnb-chip"]) {
    find(css).focus();
    model.change("/prompt", { status: `drawn with ${css}`, notice: css });
    assert.equal(document.activeElement, find(css), css);
  }
});

test("a key is sent once and stands nowhere on the page", () => {
  const { model, find, el } = draw(sections({ "/": { ...PROMPT, key: "Key for Ark" } }, TEXTS));
  const input = find(".vnb-key input");
  assert.equal(input.type, "password");
  type(input, " secret ");
  key(input, "Enter");
  assert.deepEqual(
    model.said().map((m) => [m.op, m.name, m.key]),
    [["press", "key", "secret"]],
  );
  assert.equal(input.value, "");
  assert.doesNotMatch(el.innerHTML, /secret/);
  model.change("/", { key: "" });
  assert.equal(find(".vnb-key").hidden, true);
});

test("a file that is too large is refused before anything is sent", async () => {
  const { model, find } = draw(sections({ "/": UPLOAD }, TEXTS));
  Object.defineProperty(find("input"), "files", {
    value: [new File([new Uint8Array(101)], NASTY)],
  });
  find("input").dispatchEvent(new window.Event("change"));
  await soon();
  assert.deepEqual(
    model.said().map((m) => [m.name, m.message]),
    [["refuse", `${NASTY} is 0.0 MiB`]],
  );
});

test("a chosen image is shown from the file itself, another one is fetched", async () => {
  const { model, find } = draw(sections({ "/": UPLOAD }, TEXTS));
  const file = new File([new Uint8Array(10)], "a.png");
  Object.defineProperty(find("input"), "files", { value: [file] });
  find("input").dispatchEvent(new window.Event("change"));
  await soon();
  model.change("/", { image: { name: "a.png", facts: NASTY, key: "k", size: 10 } });
  await soon();
  assert.equal(urls.made.at(-1), file);
  assert.equal(find(".vnb-drop-facts").textContent, NASTY);
  assert.deepEqual(
    model.said().map((m) => m.op),
    ["begin"],
  );
  model.change("/", { image: { name: "b.png", facts: "", key: "l", size: 10 } });
  assert.deepEqual([model.sent.at(-1).op, model.sent.at(-1).key], ["pull", "l"]);
});

test("dropped, it is taken, and the page does not go there", async () => {
  const { model, find } = draw(sections({ "/": UPLOAD }, TEXTS));
  const event = new window.Event("drop", { bubbles: true, cancelable: true });
  event.dataTransfer = { files: [new File([new Uint8Array(3)], "dropped.png")] };
  find(".vnb-drop-target").dispatchEvent(event);
  await soon();
  assert.equal(event.defaultPrevented, true);
  assert.deepEqual(
    model.said().map((m) => [m.op, m.name]),
    [["begin", "dropped.png"]],
  );
});

test("an image pasted into the panel is taken, text is left alone", async () => {
  const { model, find } = draw(studioOf({ "/": { ...STUDIO, tab: "image" } }));
  const paste = (files) => {
    const event = new window.Event("paste", { bubbles: true, cancelable: true });
    event.clipboardData = { files };
    find("textarea").dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(paste([]), false);
  assert.equal(paste([new File([new Uint8Array(3)], "pasted.png")]), true);
  await soon();
  assert.deepEqual(
    model.said().map((m) => m.name),
    ["pasted.png"],
  );
});

test("a tab opens at once, even while the kernel is busy", () => {
  const { model, find, all } = draw(studioOf(), () => null);
  all(".vnb-tab")[0].click();
  assert.ok(find(".vnb-drop-target"));
  assert.equal(all(".vnb-tab")[0].getAttribute("aria-selected"), "true");
  all(".vnb-tab")[3].click(); // made by the kernel when it is first looked at
  assert.equal(find(".vnb-grid"), null);
  model.update({ "/gallery": { ...GALLERY }, "/": { ...STUDIO, tab: "gallery" } });
  assert.ok(find(".vnb-grid"));
});

test("arrow keys move between tabs, round the ends", () => {
  const { all } = draw(studioOf());
  const tabs = all(".vnb-tab");
  assert.deepEqual(
    tabs.map((tab) => tab.tabIndex),
    [-1, -1, 0, -1],
  );
  tabs[2].focus();
  key(tabs[2], "ArrowLeft");
  key(tabs[1], "ArrowLeft");
  assert.equal(document.activeElement, tabs[0]);
  key(tabs[0], "ArrowLeft");
  assert.equal(document.activeElement, tabs[3]);
});

test("older tasks are offered only where there are some", () => {
  const { model, find } = draw(sections({ "/": GALLERY }, TEXTS));
  assert.equal(find(".vnb-more").hidden, true);
  model.change("/", { more: true });
  assert.equal(find(".vnb-more").hidden, false);
  find(".vnb-more").click();
  assert.equal(model.sent.at(-1).name, "more");
});

test("cards are chosen at once, opened, and keep their thumbnails", async () => {
  const { model, find } = draw(sections({ "/": GALLERY }, TEXTS), () => null);
  assert.equal(find(".vnb-card-box").getAttribute("aria-label"), `Select: ${NASTY}`);
  find(".vnb-card-box").click();
  assert.ok(find(".vnb-card").classList.contains("vnb-chosen"));
  find(".vnb-card-open").click();
  model.change("/", { items: [{ ...CARD, about: "later" }] });
  const said = model.said().map((m) => [m.op, m.name ?? m.key, m.id ?? m.value]);
  assert.deepEqual(said, [
    ["pull", "1", undefined],
    ["set", "chosen", ["1"]],
    ["press", "open", "1"],
  ]);
});

test("what is open above the cards changes with the kernel's word", () => {
  const { model, find } = draw(sections({ "/": GALLERY }, TEXTS));
  model.update({
    "/detail-1": { ...TASK },
    "/detail-1/progress": { ...PROGRESS },
    "/": { ...GALLERY, detail: "detail-1", detail_part: "task" },
  });
  assert.ok(find(".vnb-detail progress"));
  model.update({ "/detail-1": null, "/detail-1/progress": null, "/": { ...GALLERY } });
  assert.equal(find(".vnb-detail").hidden, true);
});

test("a kernel that has ended is told in one line, and the panel keeps its layout", async () => {
  const { model, find, all } = draw(studioOf());
  await soon();
  assert.equal(find(".vnb-kernel").hidden, true);
  const before = all("*").length;
  const said = model.sent.length;
  model.send = () => {
    throw new Error("Canceled");
  };
  model.emit("comm_live_update");
  assert.equal(find(".vnb-kernel").textContent, "gone");
  assert.equal(all("*").length, before);
  find(".vnb-go").click();
  assert.equal(model.sent.length, said);
});

test("a connection that comes back is believed when it answers", async () => {
  const { model, find } = draw(studioOf());
  await soon();
  model.emit("comm_live_update");
  assert.equal(find(".vnb-panel").classList.contains("vnb-lost"), true);
  await soon();
  assert.equal(find(".vnb-panel").classList.contains("vnb-lost"), false);
  assert.equal(find(".vnb-kernel").hidden, true);
});

test("a busy kernel is told, from the first moment on", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { model, find } = draw(studioOf(), () => null);
    mock.timers.tick(2000);
    assert.equal(find(".vnb-kernel").textContent, "busy");
    model.emit("msg:custom", { op: "ack", ticket: model.sent[0].ticket }, []);
    assert.equal(find(".vnb-kernel").hidden, true);
  } finally {
    mock.timers.reset();
  }
});

test("a greeting that was lost is said again", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  try {
    const { model, find } = draw(studioOf(), () => null);
    mock.timers.tick(15000);
    const hellos = model.sent.filter((message) => message.op === "hello");
    assert.deepEqual(
      hellos.map((message) => Boolean(message.again)),
      [false, true],
    );
    model.emit("msg:custom", { op: "ack", ticket: hellos[1].ticket }, []);
    assert.equal(find(".vnb-kernel").hidden, true);
    mock.timers.tick(60000);
    assert.equal(model.sent.filter((message) => message.op === "hello").length, 2);
  } finally {
    mock.timers.reset();
  }
});

test("several videos play in step under one time line", () => {
  const two = { part: "compare", videos: [VIDEO, { ...VIDEO, key: "w", poster: "q" }] };
  const { find, all } = draw(
    sections({ "/": two }, { compare: { play: "Play together", position: "Position" } }),
  );
  assert.equal(all("video").length, 2);
  assert.ok(all("video").every((video) => !video.controls));
  assert.equal(find(".vnb-transport button").textContent, "Play together");
  assert.equal(find(".vnb-seek").getAttribute("aria-label"), "Position");
});

const LIST = { part: "tasks", shown: ["task-2", "task-1"], whole: ["task-2"] };
const LISTED = {
  "/videos": LIST,
  "/videos/task-1": { ...TASK, showing: "video" },
  "/videos/task-1/progress": { ...PROGRESS, ended: true },
  "/videos/task-1/video": SHOWN,
  "/videos/task-2": TASK,
  "/videos/task-2/progress": { ...PROGRESS, prompt: "newest" },
};

test("the newest task is whole, the others are thumbnails that open", async () => {
  observers.length = 0;
  const { model, find, all } = draw(studioOf(LISTED));
  assert.equal(all(".vnb-tasks progress").length, 1);
  assert.equal(all(".vnb-thumb").length, 1);
  assert.equal(find(".vnb-thumb-title").textContent, NASTY);
  for (const one of observers) one.see();
  await soon();
  const pulled = model.said().filter((m) => m.op === "pull");
  assert.deepEqual(
    pulled.map((m) => [m.to, m.key]),
    [["/videos/task-1/video", "p"]],
  );
  find(".vnb-thumb").click();
  assert.deepEqual([model.sent.at(-1).name, model.sent.at(-1).value], ["selected", "task-1"]);
  model.change("/videos", { whole: ["task-1"] });
  assert.ok(find(".vnb-tasks video"));
  assert.equal(find(".vnb-thumb-title").textContent, "newest");
});

test("videos of other notebooks are one line with a button", () => {
  const { model, find } = draw(studioOf({ ...LISTED, "/videos": { ...LIST, folded: NASTY } }));
  const row = find(".vnb-unfold").parentElement;
  assert.equal(row.hidden, false);
  assert.ok(row.textContent.startsWith(NASTY));
  find(".vnb-unfold").click();
  assert.deepEqual([model.sent.at(-1).name, model.sent.at(-1).to], ["unfold", "/videos"]);
  model.change("/videos", { folded: "" });
  assert.equal(row.hidden, true);
});

test("a video that was waited for plays once, muted, and can loop", async () => {
  const blob = { op: "piece", offset: 0, size: 1, buffers: [new DataView(new ArrayBuffer(1))] };
  const answer = (m) => (m.op === "pull" ? blob : { op: "ack" });
  for (const still of [false, true]) {
    motion.matches = still;
    const { model, find } = draw(sections({ "/": TASK, "/progress": PROGRESS }, TEXTS), answer);
    const fetching = { ...SHOWN, shown: false, videos: [] };
    model.update({ "/video": fetching, "/": { ...TASK, showing: "video" } });
    model.change("/video", SHOWN);
    const played = [];
    find("video").play = async () => played.push(find("video").muted);
    await soon(30);
    assert.deepEqual(played, still ? [] : [true]);
    find("video").dispatchEvent(new window.Event("ended"));
    assert.equal(find("video").muted, false);
    Object.defineProperty(find("video"), "ended", { get: () => !find("video").loop });
    find(".vnb-loop").click();
    assert.equal(played.length, still ? 1 : 2);
    assert.deepEqual(
      [find("video").loop, find(".vnb-loop").getAttribute("aria-pressed")],
      [true, "true"],
    );
  }
  motion.matches = false;
});

test("a video that is only looked at does not start by itself", async () => {
  observers.length = 0;
  const { find } = draw(sections({ "/": { ...TASK, showing: "video" }, "/video": SHOWN }, TEXTS));
  let played = 0;
  find("video").play = async () => {
    played += 1;
  };
  for (const one of observers) one.see();
  await soon(30);
  assert.equal(played, 0);
});

test("nor does one that was finished before it was shown here", async () => {
  const ended = { ...PROGRESS, ended: true };
  const { model, find } = draw(sections({ "/": TASK, "/progress": ended }, TEXTS));
  model.update({ "/video": SHOWN, "/": { ...TASK, showing: "video" } });
  let played = 0;
  find("video").play = async () => {
    played += 1;
  };
  await soon(30);
  assert.equal(played, 0);
});

test("K and Space play, J and L go back and forward, other keys are left alone", () => {
  const { find } = draw(sections({ "/": SHOWN }, TEXTS));
  const video = find("video");
  const did = [];
  Object.defineProperty(video, "paused", { get: () => did.length % 2 === 0 });
  video.play = async () => did.push("play");
  video.pause = () => did.push("pause");
  key(video, "k");
  key(video, " ");
  assert.deepEqual(did, ["play", "pause"]);
  Object.defineProperty(video, "currentTime", { value: 3, writable: true });
  key(video, "j");
  assert.equal(video.currentTime, 2);
  key(video, "L");
  key(video, "l", { ctrlKey: true });
  assert.equal(video.currentTime, 3);
  key(find(".vnb-loop"), " ");
  assert.deepEqual(did, ["play", "pause"]);
});

test("examples with posters ask for all of them once", async () => {
  const item = (name) => ({ title: name, example: name, hint: name, poster: name });
  const examples = { title: "Scenes", posters: "key", items: [item("sea"), item("gone")] };
  const told = new TextEncoder().encode(JSON.stringify({ sea: "data:image/webp;base64,AAAA" }));
  const { model, all, find } = draw(sections({ "/": { ...PROMPT, examples } }, TEXTS), (m) =>
    m.op === "pull"
      ? { op: "piece", offset: 0, size: told.length, buffers: [new DataView(told.buffer)] }
      : { op: "ack" },
  );
  await until(() => find(".vnb-chip-image").src);
  assert.equal(model.said().filter((m) => m.op === "pull").length, 1);
  assert.match(all(".vnb-chip-image")[0].src, /^data:image\/webp/);
  assert.equal(all(".vnb-chip-image")[1].getAttribute("src"), null);
});

test("options are one line until they are opened, by a person or by a mistake in them", () => {
  const { model, find } = draw(sections({ "/": PROMPT }, TEXTS));
  assert.equal(find(".vnb-options summary").textContent, "5 s · random seed");
  assert.equal(find(".vnb-options").open, false);
  model.change("/", { options_wrong: true });
  assert.equal(find(".vnb-options").open, true);
});

test("the last frame has a zone where the engine takes one, else a line", () => {
  const { model, all, find } = draw(studioOf({ "/": { ...STUDIO, tab: "image" } }));
  const zones = () => all(".vnb-frames .vnb-drop").filter((zone) => !zone.closest("[hidden]"));
  assert.equal(zones().length, 2);
  assert.equal(find(".vnb-no-last").hidden, true);
  model.change("/", { no_last: "Ark takes a first frame only." });
  assert.equal(zones().length, 1);
  assert.equal(find(".vnb-no-last").textContent, "Ark takes a first frame only.");
  const image = { name: "last.png", facts: "", key: "k", size: 1 };
  model.change("/last_frame", { image }); // chosen before: it can be taken away
  assert.equal(zones().length, 2);
});

test("a pasted image goes to the zone in focus", async () => {
  const { model, all } = draw(studioOf({ "/": { ...STUDIO, tab: "image" } }));
  const paste = (target) => {
    const event = new window.Event("paste", { bubbles: true, cancelable: true });
    event.clipboardData = { files: [new File([new Uint8Array(3)], "pasted.png")] };
    target.dispatchEvent(event);
  };
  paste(all(".vnb-drop-target")[1]);
  paste(all("textarea")[0]);
  await soon();
  assert.deepEqual(
    model.said().map((m) => m.to),
    ["/last_frame", "/upload"],
  );
});

test("? shows the keys, Esc hides them, and then goes to Cancel", () => {
  const { find } = draw(studioOf(LISTED));
  key(find("textarea"), "?");
  assert.equal(find(".vnb-keys").closest("[hidden]") !== null, true);
  key(find(".vnb-tab"), "?");
  assert.equal(find(".vnb-keys").closest("[hidden]"), null);
  assert.equal(find(".vnb-keys dt").textContent, "Ctrl+Enter");
  key(find("textarea"), "Escape");
  assert.equal(find(".vnb-keys").closest("[hidden]") !== null, true);
  key(find("textarea"), "Escape");
  assert.equal(document.activeElement, find(".vnb-cancel"));
});

test("settings are used again from a video and from a card", () => {
  const video = draw(sections({ "/": SHOWN }, TEXTS));
  video.find(".vnb-use").click();
  assert.equal(video.model.sent.at(-1).name, "use");
  video.model.change("/", { can_use: false });
  assert.equal(video.find(".vnb-use").hidden, true);
  const cards = draw(sections({ "/": { ...GALLERY, can_use: true } }, TEXTS));
  cards.find(".vnb-card-use").click();
  assert.deepEqual([cards.model.sent.at(-1).name, cards.model.sent.at(-1).id], ["use", "1"]);
});

test("deleting several asks first, and is offered only where it can be done", () => {
  const { model, find } = draw(sections({ "/": GALLERY }, TEXTS));
  assert.equal(find(".vnb-delete").disabled, true);
  model.change("/", { can_delete: true, sure: "Delete 2 tasks?" });
  find(".vnb-delete").click();
  assert.match(find(".vnb-confirm").textContent, /Delete 2 tasks\?/);
  find(".vnb-danger-now").click();
  assert.equal(model.sent.at(-1).name, "delete");
  model.change("/", { can_delete: false });
  assert.equal(find(".vnb-confirm").hidden, true);
});

test("what an older gateway lacks is not offered", () => {
  const older = { ...GALLERY, offers_delete: false, offers_marks: false };
  for (const [state, hidden] of [
    [GALLERY, false],
    [older, true],
  ]) {
    const { find } = draw(sections({ "/": state }, TEXTS));
    for (const name of [".vnb-card-star", ".vnb-delete"]) assert.equal(find(name).hidden, hidden);
  }
});

test("what is being loaded to be compared is told", () => {
  const { model, find } = draw(sections({ "/": GALLERY }, TEXTS));
  model.change("/", { loading: "Loading video 1 of 2…", busy: true, can_compare: true });
  const bar = find(".vnb-loading progress");
  assert.equal(bar.closest("[hidden]"), null);
  assert.equal(bar.getAttribute("aria-label"), "Loading video 1 of 2…");
  model.change("/", { loading: "", busy: false });
  assert.notEqual(bar.closest("[hidden]"), null);
});

test("what is drawn stands under a video, with a link that leads nowhere else", () => {
  for (const [state, link] of [
    [SHOWN, DRAWN.link],
    [PROGRESS, DRAWN.link],
    [PROMPT, DRAWN.link],
    [{ ...SHOWN, drawn: { ...DRAWN, link: "javascript:alert(1)" } }, null],
  ]) {
    const { el, undo } = draw(sections({ "/": state }));
    const line = el.querySelector(".vnb-drawn");
    assert.equal(line.hidden, false);
    assert.match(line.textContent, /^Drawn: /);
    assert.equal(line.querySelector("a").getAttribute("href"), link);
    undo();
  }
});

test("what the kernel leaves out is not printed", () => {
  const bare = (part) => ({
    part,
    ...{ items: [{ id: "1" }], filters: [], chosen: [], videos: [{}], fields: [], tabs: [] },
    ...{ examples: { items: [{}] }, source: { notes: [], facts: [] }, shown: true },
    ...{ shortcuts: [], image: {}, seen: {}, prompt: null, progress: null, facts: null },
  });
  for (const part of ["gallery", "progress", "prompt", "upload", "url", "video", "compare"]) {
    const { el, undo } = draw(sections({ "/": { ...bare(part), own_videos: false } }));
    assert.doesNotMatch(el.outerHTML, /undefined|null|NaN|\{\w+\}/, part);
    undo();
  }
});
