// Builders that every part uses. Texts only ever enter as text nodes or attributes, never as HTML.

const FOCUSABLE = new Set(["A", "BUTTON", "INPUT", "SELECT", "SUMMARY", "TEXTAREA", "VIDEO"]);

let serial = 0;

/** An element with properties, attributes (names with a dash, `role`) and children. */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value == null) continue;
    if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  // Jupyter's one-key shortcuts (d d deletes a cell) keep out of what says so itself.
  if (FOCUSABLE.has(node.tagName)) node.setAttribute("data-lm-suppress-shortcuts", "true");
  node.append(...children.filter((child) => child != null));
  return node;
}

/** A button that does `act`; its text is set with `say`. */
export function button(className, act) {
  const node = h("button", { type: "button", className: `vnb-button ${className}`.trim() });
  node.addEventListener("click", act);
  return node;
}

/** A label above its field, tied to it by an id that no other panel has. */
export function field(input, className = "") {
  const label = h("label", { className: "vnb-label" });
  if (!input.id) {
    serial += 1;
    input.id = `vnb-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}-${serial}`;
  }
  label.setAttribute("for", input.id);
  return { node: h("div", { className: `vnb-field ${className}`.trim() }, label, input), label };
}

/** A line that is read out when it changes: politely (`status`), or at once (`alert`). */
export function line(role, className = "") {
  return h("div", { role, className: `vnb-line ${className}`.trim(), hidden: true });
}

/** Sets a node's text if it is another one, and hides the node where there is none. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text ?? "";
  node.hidden = !text;
}

/** A line with a link behind its words: `show({line, link, more})`. */
export function linked(className) {
  const words = h("span");
  const link = h("a", { target: "_blank", rel: "noopener" });
  const node = h("div", { className: `vnb-line ${className}`, hidden: true }, words, " ", link);
  return {
    node,
    show(shown) {
      const { line: text = "", link: url = "", more = "" } = shown ?? {};
      const safe = /^https?:/.test(url);
      node.hidden = !text;
      say(words, text);
      say(link, safe ? more : "");
      if (safe) label(link, url, "href");
    },
  };
}

/** Sets an attribute if it is another one. */
export function label(node, text, name = "aria-label") {
  if (node.getAttribute(name) !== text) node.setAttribute(name, text ?? "");
}

/** `fill("{n} of {m}", {n: 1, m: 2})`; braces inside values are left alone. */
export function fill(template, values) {
  return (template ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Shows `items` in `box`, one node each, and keeps the nodes (and the focus) of those that stay.
    `make(item)` gives `{node, update(item), stop()}`; `update` and `stop` may be left out. */
export function keyed(box, make) {
  const shown = new Map();
  const forget = (key) => {
    const one = shown.get(key);
    one.stop?.();
    one.node.remove();
    shown.delete(key);
  };
  return {
    show(items, keyOf = (item) => item.id) {
      const keys = new Set(items.map(keyOf));
      for (const key of [...shown.keys()]) if (!keys.has(key)) forget(key);
      items.forEach((item, place) => {
        const key = keyOf(item);
        if (!shown.has(key)) shown.set(key, make(item));
        const one = shown.get(key);
        one.update?.(item);
        if (box.children[place] !== one.node)
          box.insertBefore(one.node, box.children[place] ?? null);
      });
    },
    stop() {
      for (const key of [...shown.keys()]) forget(key);
    },
  };
}

/** Keys and what each does, to read: `show([["S", "star"], …])`. */
export function keyList() {
  const node = h("dl", { className: "vnb-keys" });
  let shown = "";
  return {
    node,
    show(rows) {
      const now = JSON.stringify(rows);
      if (now === shown) return;
      shown = now;
      node.replaceChildren(
        ...rows.map(([keys, does]) =>
          h(
            "div",
            {},
            h("dt", {}, h("kbd", { textContent: keys })),
            h("dd", { textContent: does }),
          ),
        ),
      );
    },
  };
}
