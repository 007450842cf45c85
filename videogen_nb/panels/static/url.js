// The address of an image: what is typed, what is wrong with it, what was found there.

import { field, h, line, say } from "./dom.js";
import { bind } from "./messages.js";

export function url(wire) {
  const input = h("input", { type: "url", autocomplete: "off", spellcheck: false });
  const { node: box, label } = field(input, "vnb-url");
  const status = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const image = h("img", { className: "vnb-drop-image" });
  const name = h("div", { className: "vnb-drop-name" });
  const facts = h("div", { className: "vnb-drop-facts" });
  const seen = h(
    "div",
    { className: "vnb-pictured" },
    image,
    h("div", { className: "vnb-drop-about" }, name, facts),
  );
  const show = bind(input, wire, "value");
  let shown = "";
  let blob = null;

  const preview = async (found) => {
    if (shown === (found?.key ?? "")) return;
    shown = found?.key ?? "";
    image.removeAttribute("src");
    if (!found) return;
    const got = await wire.pull(found.key).catch(() => null);
    if (!got || shown !== found.key) return; // another address was typed meanwhile
    if (blob) URL.revokeObjectURL(blob);
    blob = URL.createObjectURL(got);
    image.src = blob;
  };
  wire.signal.addEventListener("abort", () => blob && URL.revokeObjectURL(blob));
  wire.watch((state) => {
    label.textContent = wire.text("label");
    input.placeholder = wire.text("placeholder");
    show();
    say(status, state.status);
    status.classList.toggle("vnb-wrong", state.wrong);
    say(alert, state.alert);
    seen.hidden = !state.seen;
    name.textContent = state.seen?.name ?? "";
    facts.textContent = state.seen?.facts ?? "";
    image.alt = wire.text("alt");
    preview(state.seen);
  });
  return h("div", { className: "vnb-sheet" }, box, status, alert, seen);
}
