// The gallery's cards: thumbnail, prompt, state; chosen with a checkbox, opened with a button.

/** Thumbnails are asked for once each and kept as long as the grid lives. */
function thumbnails(model) {
  const kept = new Map();
  return {
    put(image, key) {
      if (!key || image.dataset.key === key) return;
      image.dataset.key = key;
      if (!kept.has(key)) kept.set(key, pull(model, key).then((blob) => URL.createObjectURL(blob)));
      kept.get(key).then((url) => { if (image.dataset.key === key) image.src = url; },
        () => { kept.delete(key); image.removeAttribute("src"); });
    },
    stop() {
      for (const url of kept.values()) url.then((u) => URL.revokeObjectURL(u), () => {});
    },
  };
}

/** One card. `update(item)` changes what differs, so that focus and hover stay where they are. */
function card(model, thumbs, act) {
  const word = (name, values = {}) => fill(model.get("words")[name], values);
  const box = h("input", { type: "checkbox", className: "vnb-card-box" });
  const image = h("img", { className: "vnb-card-image", loading: "lazy", alt: "" });
  const badge = h("span", { className: "vnb-badge" });
  const open = h("button", { type: "button", className: "vnb-card-open" }, image, badge);
  const title = h("div", { className: "vnb-card-title" });
  const about = h("div", { className: "vnb-card-about" });
  const bar = h("progress", { max: 1, className: "vnb-card-bar" });
  const node = h("li", { className: "vnb-card" }, open,
    h("label", { className: "vnb-card-foot" }, box, h("div", { className: "vnb-card-words" }, title, about)), bar);
  let id = "";
  open.addEventListener("click", () => act("open", id));
  box.addEventListener("change", () => act("choose", id, box.checked));
  return {
    node,
    update(item, chosen) {
      id = item.id;
      box.checked = chosen;
      box.setAttribute("aria-label", word("choose", { title: item.title }));
      open.setAttribute("aria-label", word(item.live ? "attach" : "open", { title: item.title, state: item.state }));
      node.dataset.status = item.status;
      node.classList.toggle("vnb-chosen", chosen);
      title.textContent = item.title;
      title.title = item.title;
      about.textContent = item.about;
      badge.textContent = item.state;
      bar.hidden = !item.live;
      bar.setAttribute("aria-label", item.state);
      if (item.progress == null) bar.removeAttribute("value");
      else bar.value = item.progress;
      thumbs.put(image, item.thumb);
    },
  };
}

function render({ model, el }) {
  const heard = listener(model);
  const thumbs = thumbnails(model);
  const cards = new Map();
  const list = h("ul", { className: "vnb-grid" });
  el.classList.add("vnb-alive");
  el.append(list);

  const act = (op, id, on) => {
    if (op === "open") return model.send({ op: "open", id });
    const rest = model.get("chosen").filter((other) => other !== id);
    model.set("chosen", on ? [...rest, id] : rest);
    model.save_changes();
    return show();
  };
  const show = () => {
    const items = model.get("items");
    const chosen = new Set(model.get("chosen"));
    list.setAttribute("aria-label", fill(model.get("words").list, {}));
    const alive = new Set(items.map((item) => item.id));
    for (const [id, one] of cards) {
      if (alive.has(id)) continue;
      one.node.remove();
      cards.delete(id);
    }
    items.forEach((item, place) => {
      if (!cards.has(item.id)) cards.set(item.id, card(model, thumbs, act));
      const one = cards.get(item.id);
      one.update(item, chosen.has(item.id));
      if (list.children[place] !== one.node) list.insertBefore(one.node, list.children[place] || null);
    });
  };
  // A file that Python has made for this browser, such as the zip.
  heard.on("msg:custom", async (message) => {
    if (message.op === "save") saveBlob(await pull(model, message.key), message.name);
  });
  for (const trait of ["items", "chosen", "words"]) heard.on(`change:${trait}`, show);
  show();
  return () => {
    heard.stop();
    thumbs.stop();
  };
}

export default { render };
