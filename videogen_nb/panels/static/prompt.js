// The prompt, examples to click, the fields beside it, what there is to know of the engine.

import { button, field, h, keyed, line, linked, label as named, say } from "./dom.js";
import { bind } from "./messages.js";
import { tasks } from "./task.js";

/** A select whose choices come from the kernel. */
function choice(wire, name) {
  const select = h("select");
  const { node, label } = field(select);
  const show = bind(select, wire, name);
  let offered = "";
  return {
    node,
    update({ title, choices }) {
      label.textContent = title;
      const now = JSON.stringify(choices);
      if (now !== offered) {
        offered = now;
        select.replaceChildren(
          ...choices.map(([text, value]) => h("option", { value, textContent: text })),
        );
      }
      show();
    },
  };
}

/** A hidden field for a key: what is typed goes to the kernel once and is kept nowhere. */
function keyField(wire) {
  const input = h("input", { type: "password", autocomplete: "off", spellcheck: false });
  const { node, label } = field(input);
  const send = () => {
    if (input.value.trim()) wire.press("key", { key: input.value.trim() });
    input.value = "";
  };
  const keep = button("", send);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") send();
  });
  return {
    node: h("div", { className: "vnb-row vnb-key" }, node, keep),
    update(text) {
      label.textContent = text;
      say(keep, wire.text("keep_key"));
    },
  };
}

/** Examples to click; an example never wipes out what was typed. */
function chips(wire) {
  const title = h("div", { className: "vnb-small" });
  const group = h("div", { className: "vnb-strip vnb-examples", role: "group" });
  const list = keyed(group, (item) => {
    const chip = button("vnb-chip", () => wire.press("example", { example: item.example }));
    const image = item.poster ? h("img", { className: "vnb-chip-image", alt: "" }) : null;
    chip.append(...(image ? [image] : []), h("span", { textContent: item.title }));
    named(chip, item.hint, "title");
    if (image)
      posters().then(
        (found) => {
          if (found[item.poster]) image.src = found[item.poster];
        },
        () => {}, // an example without a poster still says what it is
      );
    return { node: chip };
  });
  const node = h("div", { className: "vnb-chips" }, title, group);
  let key = "";
  let asked = null;
  const posters = () => {
    asked ??= wire.pull(key).then(async (blob) => JSON.parse(await blob.text()));
    return asked;
  };
  return {
    node,
    update(known) {
      key = known.posters;
      node.hidden = !known.items.length;
      title.textContent = known.title;
      named(group, known.title);
      group.classList.toggle("vnb-posters", Boolean(key));
      list.show(known.items, (item) => `${item.title} ${item.hint}`);
    },
  };
}

/** The fields beside the prompt, folded into one line that says what is set. */
function options(fields) {
  const summary = h("summary");
  const node = h("details", { className: "vnb-options" }, summary, fields);
  return {
    node,
    update(text, name, wrong) {
      if (summary.textContent !== text) summary.textContent = text;
      named(node, name);
      named(summary, name);
      if (wrong) node.open = true;
    },
  };
}

/** `above` is shown over the prompt, in the same card: what the video starts from. */
export function prompt(wire, above = null) {
  const text = h("textarea", { rows: 3 });
  const { node: box, label } = field(text, "vnb-prompt");
  const seed = h("input", { type: "text", autocomplete: "off", inputMode: "numeric" });
  const { node: seedBox, label: seedLabel } = field(seed, "vnb-seed");
  const choices = h("div", { className: "vnb-choices" });
  const fields = options(h("div", { className: "vnb-fields" }, choices, seedBox));
  const selects = keyed(choices, (item) => choice(wire, item.name));
  const examples = chips(wire);
  const notice = line("status", "vnb-status vnb-small");
  const drawn = linked("vnb-small vnb-drawn");
  const key = keyField(wire);
  const alert = line("alert", "vnb-alert");
  const status = line("status", "vnb-status vnb-small");
  const retry = button("", () => wire.press("retry"));
  let pressed = false;
  const start = async () => {
    if (go.disabled) return;
    pressed = true;
    go.disabled = true;
    await wire.press("start");
    pressed = false;
    go.disabled = wire.state().busy;
  };
  const go = button("vnb-go", start);
  const showText = bind(text, wire, "value");
  const showSeed = bind(seed, wire, "seed");
  const sheet = h(
    "div",
    { className: "vnb-sheet vnb-composer" },
    above,
    box,
    drawn.node,
    examples.node,
    fields.node,
    notice,
    key.node,
    alert,
    h("div", { className: "vnb-row vnb-start" }, go, retry, status),
  );

  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation(); // Ctrl+Enter runs a cell elsewhere
    start();
  });
  wire.hear("focus", () => text.focus({ preventScroll: true }));
  wire.watch((state) => {
    label.textContent = state.title;
    named(text, state.placeholder, "placeholder");
    showText();
    examples.update(state.examples);
    const { summary, options_wrong: wrong } = state;
    fields.update(summary, wire.text("options", { summary }), wrong);
    selects.show(state.fields, (item) => item.name);
    seedLabel.textContent = wire.text("seed");
    seed.placeholder = wire.text("any_seed");
    showSeed();
    say(notice, state.notice);
    drawn.show(state.drawn);
    key.node.hidden = !state.key;
    key.update(state.key);
    say(alert, state.error);
    say(go, wire.text("start"));
    go.title = wire.text("start_hint");
    go.disabled = pressed || state.busy;
    say(retry, state.retry ? wire.text("retry") : "");
    say(status, state.status);
  });
  return h(
    "div",
    { className: "vnb-stack" },
    sheet,
    wire.state().own_videos ? tasks(wire.at("videos")) : null,
  );
}
