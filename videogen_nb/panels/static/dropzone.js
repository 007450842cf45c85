// Picks, drops and pastes one image and sends it to the kernel in acknowledged pieces.

const PIECE = 1024 * 1024;
const SILENCE_MS = 2500;

/** Sends `file` piece after piece; a piece goes when the one before it was acknowledged. */
function sender(model, file, { onProgress, onSilence, onDone }) {
  const ticket = crypto.getRandomValues(new Uint32Array(2)).join("-");
  let timer = 0;
  let stopped = false;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(onSilence, SILENCE_MS);
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    model.off("msg:custom", hear);
  };
  const hear = async (message) => {
    if (message.ticket !== ticket || stopped) return;
    clearTimeout(timer);
    if (message.op === "done") {
      stop();
      return onDone();
    }
    if (message.op !== "more") return;
    onProgress(message.offset / file.size);
    let piece;
    try {
      piece = await file.slice(message.offset, message.offset + PIECE).arrayBuffer();
    } catch {
      stop();
      return onDone("unreadable");
    }
    if (stopped) return;
    wait();
    model.send({ op: "piece", ticket, offset: message.offset }, undefined, [piece]);
  };
  model.on("msg:custom", hear);
  wait();
  model.send({ op: "begin", ticket, name: file.name, size: file.size });
  return {
    stop() {
      stop();
      model.send({ op: "stop", ticket });
    },
  };
}

const imageIn = (items) => [...(items || [])].filter((item) => item instanceof File);

function render({ model, el }) {
  const heard = listener(model);
  const word = (name, values = {}) => fill(model.get("words")[name], values);
  let moving = null;
  let sent = null; // the File that was sent last: its preview needs no way back from the kernel
  let previewUrl = null;

  const input = h("input", { type: "file", hidden: true, tabIndex: -1, accept: model.get("accept") });
  const title = h("span", { className: "vnb-drop-title" });
  const hint = h("span", { className: "vnb-drop-hint" });
  const target = h("button", { type: "button", className: "vnb-drop-target" },
    h("span", { className: "vnb-drop-icon", "aria-hidden": "true" }), title, hint);
  const image = h("img", { className: "vnb-drop-image" });
  const name = h("div", { className: "vnb-drop-name" });
  const facts = h("div", { className: "vnb-drop-facts" });
  const change = h("button", { type: "button", className: "vnb-button" });
  const remove = h("button", { type: "button", className: "vnb-button" });
  const picked = h("div", { className: "vnb-drop-picked" }, image,
    h("div", { className: "vnb-drop-about" }, name, facts,
      h("div", { className: "vnb-row" }, change, remove)));
  const bar = h("progress", { max: 1, value: 0 });
  const barText = h("span", { className: "vnb-drop-facts" });
  const halt = h("button", { type: "button", className: "vnb-button" });
  const transfer = h("div", { className: "vnb-drop-moving" }, bar, barText, halt);
  const message = h("div", { className: "vnb-message", role: "alert" });
  const zone = h("div", { className: "vnb-drop", role: "group" }, input, target, picked, transfer, message);
  el.classList.add("vnb-alive");
  el.append(zone);

  const complain = (words) => {
    model.set("message", words);
    model.save_changes();
  };
  const take = (files) => {
    const file = files[0];
    if (!file) return;
    if (moving) moving.stop();
    moving = null;
    if (file.size > model.get("limit")) {
      show();
      return complain(word("too_large", {
        name: file.name, size: (file.size / 2 ** 20).toFixed(1), limit: model.get("limit") / 2 ** 20,
      }));
    }
    complain("");
    sent = file;
    bar.value = 0;
    barText.textContent = word("sending", { name: file.name, percent: 0 });
    moving = sender(model, file, {
      onProgress: (share) => {
        bar.value = share;
        barText.textContent = word("sending", { name: file.name, percent: Math.round(share * 100) });
      },
      onSilence: () => { barText.textContent = word("silent"); },
      onDone: (trouble) => {
        moving = null;
        if (trouble) complain(word(trouble, { name: file.name }));
        show();
        if (zone.contains(document.activeElement) || document.activeElement === document.body) {
          (picked.hidden ? target : change).focus({ preventScroll: true });
        }
      },
    });
    show();
  };

  const preview = async () => {
    const key = model.get("image").key;
    if (!key || image.dataset.key === key) return;
    image.dataset.key = key;
    image.removeAttribute("src");
    const local = sent && sent.size === model.get("image").size && sent.name === model.get("image").name;
    try {
      const blob = local ? sent : await pull(model, key);
      if (previewUrl) URL.revokeObjectURL(previewUrl);
      previewUrl = URL.createObjectURL(blob);
      if (image.dataset.key === key) image.src = previewUrl;
    } catch {
      image.removeAttribute("src"); // the picked has been replaced or removed meanwhile
    }
  };
  const show = () => {
    const picked = model.get("image");
    const has = Boolean(picked.key) && !moving;
    zone.setAttribute("aria-label", word("label"));
    title.textContent = word("title");
    hint.textContent = word("hint", { limit: model.get("limit") / 2 ** 20 });
    change.textContent = word("change");
    remove.textContent = word("remove");
    halt.textContent = word("stop");
    bar.setAttribute("aria-label", word("progress"));
    target.hidden = has || Boolean(moving);
    picked.hidden = !has;
    transfer.hidden = !moving;
    name.textContent = picked.name || "";
    facts.textContent = picked.facts || "";
    image.alt = fill(word("alt"), { name: picked.name || "" });
    message.textContent = model.get("message");
    message.hidden = !message.textContent;
    zone.classList.toggle("vnb-has-error", Boolean(message.textContent));
    preview();
  };

  const browse = () => input.click();
  target.addEventListener("click", browse);
  change.addEventListener("click", browse);
  remove.addEventListener("click", () => {
    sent = null;
    model.send({ op: "clear" });
    target.hidden = false;
    target.focus({ preventScroll: true });
  });
  halt.addEventListener("click", () => {
    if (moving) moving.stop();
    moving = null;
    show();
    target.focus({ preventScroll: true });
  });
  input.addEventListener("change", () => {
    take(imageIn(input.files));
    input.value = ""; // the same file may be picked again
  });
  let depth = 0;
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
    take(imageIn(event.dataTransfer.files));
  });
  // An image pasted anywhere in the panel is taken; pasted words go where they always went.
  const paste = (event) => {
    const around = zone.closest(".vnb-studio") || zone.closest(".vnb-panel") || zone;
    if (!around.contains(event.target) || zone.offsetParent === null) return;
    const files = imageIn(event.clipboardData && event.clipboardData.files);
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    take(files);
  };
  document.addEventListener("paste", paste, true);

  for (const trait of ["words", "image", "message", "limit"]) heard.on(`change:${trait}`, show);
  show();
  return () => {
    heard.stop();
    if (moving) moving.stop();
    document.removeEventListener("paste", paste, true);
    if (previewUrl) URL.revokeObjectURL(previewUrl);
  };
}

export default { render };
