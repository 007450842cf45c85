// Small builders that every panel script starts with. Words only ever enter as text nodes.

/** An element with properties, attributes (names with a dash, `role`) and children. */
function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** `fill("{n} of {m}", {n: 1, m: 2})`; braces inside values are left alone. */
function fill(template, values) {
  return (template || "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Bytes as people say them: "812 KB", "3.4 MB". */
function bytesInWords(n) {
  return n < 1e6 ? `${Math.max(1, Math.round(n / 1e3))} KB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** Listens to traits and custom messages; `stop()` takes all of it back. */
function listener(model) {
  const kept = [];
  return {
    on(event, handler) {
      model.on(event, handler);
      kept.push([event, handler]);
    },
    stop() {
      for (const [event, handler] of kept) model.off(event, handler);
    },
  };
}
