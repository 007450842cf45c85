// Picks, drops or pastes one image and sends it to the kernel in acknowledged pieces.

import { button, h, label, say } from "./dom.js";

const imagesIn = (files) => [...(files ?? [])].filter((file) => file instanceof File);

/** The parts of the drop zone that are drawn anew with each change. */
function elements() {
  const title = h("span", { className: "vnb-drop-title" });
  const hint = h("span", { className: "vnb-drop-hint" });
  const icon = h("span", { className: "vnb-drop-icon", "aria-hidden": "true" });
  return {
    input: h("input", { type: "file", hidden: true, tabIndex: -1 }),
    title,
    hint,
    target: h("button", { type: "button", className: "vnb-drop-target" }, icon, title, hint),
    image: h("img", { className: "vnb-drop-image" }),
    name: h("div", { className: "vnb-drop-name" }),
    facts: h("div", { className: "vnb-drop-facts" }),
    bar: h("progress", { max: 1, value: 0 }),
    sending: h("span", { className: "vnb-drop-facts", role: "status" }),
    message: h("div", { className: "vnb-message", role: "alert", hidden: true }),
  };
}

export function upload(wire) {
  const at = elements();
  const change = button("", () => at.input.click());
  const remove = button("", () => {
    sent = null;
    wire.press("clear");
    at.target.hidden = false;
    at.target.focus({ preventScroll: true });
  });
  const halt = button("", () => {
    stop();
    draw(wire.state());
    at.target.focus({ preventScroll: true });
  });
  const picked = h(
    "div",
    { className: "vnb-drop-picked" },
    at.image,
    h(
      "div",
      { className: "vnb-drop-about" },
      at.name,
      at.facts,
      h("div", { className: "vnb-row" }, change, remove),
    ),
  );
  const moving = h("div", { className: "vnb-drop-moving" }, at.bar, at.sending, halt);
  const zone = h(
    "div",
    { className: "vnb-drop", role: "group" },
    at.input,
    at.target,
    picked,
    moving,
    at.message,
  );
  const node = h("div", { className: "vnb-sheet" }, zone);

  let sending = null; // an AbortController while a file is on its way
  let sent = null; // the File that was sent last: its preview needs no way back from the kernel
  let shown = ""; // the key of the image in the preview
  let url = null;

  const stop = () => {
    sending?.abort();
    sending = null;
  };
  const settle = () => {
    sending = null;
    draw(wire.state());
    if (zone.contains(document.activeElement) || document.activeElement === document.body) {
      (picked.hidden ? at.target : change).focus({ preventScroll: true });
    }
  };
  const move = (file, share) => {
    at.bar.value = share;
    at.sending.textContent = wire.text("sending", {
      name: file.name,
      percent: Math.round(share * 100),
    });
  };
  const send = async (file) => {
    const mine = new AbortController();
    stop();
    sending = mine;
    sent = file;
    move(file, 0);
    draw(wire.state());
    try {
      await wire.push(file, { progress: (share) => move(file, share), stopped: mine.signal });
    } catch {
      wire.press("refuse", { message: wire.text("unreadable", { name: file.name }) });
    }
    if (sending === mine) settle();
  };
  const take = (files) => {
    const [file] = files;
    if (!file) return;
    const limit = wire.state().limit;
    if (file.size <= limit) return void send(file);
    stop();
    draw(wire.state());
    const size = (file.size / 2 ** 20).toFixed(1);
    wire.press("refuse", {
      message: wire.text("too_large", { name: file.name, size, limit: limit / 2 ** 20 }),
    });
  };

  const preview = async (image) => {
    if (shown === (image?.key ?? "")) return;
    shown = image?.key ?? "";
    at.image.removeAttribute("src");
    if (!image) return;
    const local = sent && sent.size === image.size && sent.name === image.name;
    try {
      const blob = local ? sent : await wire.pull(image.key);
      if (shown !== image.key) return;
      if (url) URL.revokeObjectURL(url);
      url = URL.createObjectURL(blob);
      at.image.src = url;
    } catch {
      at.image.removeAttribute("src"); // it has been replaced or removed meanwhile
    }
  };
  const draw = (state) => {
    const image = sending ? null : state.image;
    label(zone, wire.text("label"));
    label(at.input, state.accept, "accept");
    at.title.textContent = wire.text("title");
    at.hint.textContent = wire.text("hint", { shrunk: state.shrunk });
    say(change, wire.text("change"));
    say(remove, wire.text("remove"));
    say(halt, wire.text("stop"));
    label(at.bar, wire.text("progress"));
    at.target.hidden = Boolean(image || sending);
    picked.hidden = !image;
    moving.hidden = !sending;
    at.name.textContent = image?.name ?? "";
    at.facts.textContent = image?.facts ?? "";
    at.image.alt = wire.text("alt", { name: image?.name ?? "" });
    say(at.message, state.error);
    if (!sending) preview(image);
  };

  at.target.addEventListener("click", () => at.input.click());
  at.input.addEventListener("change", () => {
    take(imagesIn(at.input.files));
    at.input.value = ""; // the same file may be picked again
  });
  // A format that the browser cannot show (HEIC, in most): the kernel has it in another one.
  at.image.addEventListener("error", () => {
    at.image.removeAttribute("src");
    if (!sent) return;
    sent = null;
    shown = "";
    preview(wire.state().image);
  });
  dropOn(zone, take);
  const paste = (event) => {
    // An image pasted anywhere in the panel is taken; pasted text goes where it always went.
    const panel = zone.closest(".vnb-panel") ?? zone;
    if (!panel.contains(event.target) || zone.closest("[hidden]")) return;
    const zones = [...panel.querySelectorAll(".vnb-drop")]; // the one in focus, else the first
    if ((zones.find((one) => one.contains(event.target)) ?? zones[0]) !== zone) return;
    const files = imagesIn(event.clipboardData?.files);
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    take(files);
  };
  document.addEventListener("paste", paste, { capture: true, signal: wire.signal });
  wire.signal.addEventListener("abort", () => {
    stop();
    if (url) URL.revokeObjectURL(url);
  });
  wire.watch(draw);
  return node;
}

/** Lets files be dropped on a node, which is marked while they hover over it. */
function dropOn(zone, take) {
  let depth = 0; // entering a child comes before leaving its parent
  const over = (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  };
  const hover = (step) => (event) => {
    over(event);
    depth = Math.max(0, depth + step);
    zone.classList.toggle("vnb-over", depth > 0);
  };
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragenter", hover(1));
  zone.addEventListener("dragleave", hover(-1));
  zone.addEventListener("drop", (event) => {
    over(event);
    depth = 0;
    zone.classList.remove("vnb-over");
    take(imagesIn(event.dataTransfer?.files));
  });
}
