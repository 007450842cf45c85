// Exporting a video for a platform, as a moving image, or as its cover.

import { choices } from "./choices.js";
import { button, h, label, line, say } from "./dom.js";
import { saveBlob } from "./player.js";

export function exporting(wire) {
  const summary = h("summary");
  const target = choices(wire, "target");
  const start = button("vnb-export", () => wire.press("export"));
  const bar = h("progress", { max: 1 });
  const place = h("div");
  const said = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const node = h(
    "details",
    { hidden: true },
    summary,
    h(
      "div",
      { className: "vnb-stack" },
      h("div", { className: "vnb-row vnb-lines-tools" }, target.node, start),
      place,
      said,
      alert,
    ),
  );
  wire.watch((state) => {
    node.hidden = false;
    say(summary, wire.text("open"));
    label(node, state.label);
    target.update(wire.text("target"), state.targets);
    say(start, wire.text("export"));
    start.disabled = state.busy;
    place.replaceChildren(...(state.busy ? [bar] : []));
    label(bar, wire.text("working"));
    if (state.share == null) bar.removeAttribute("value");
    else bar.value = state.share;
    say(said, state.busy ? wire.text("working") : state.said);
    say(alert, state.error);
  });
  wire.hear("save", async ({ key, name }) => saveBlob(await wire.pull(key), name));
  return node;
}
