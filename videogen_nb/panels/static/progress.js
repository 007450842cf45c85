// A task on its way: its stage, a bar, times, and buttons to cancel it or to keep waiting.

import { button, h, label, line, linked, say } from "./dom.js";
import { notifyMe } from "./notify.js";

/** `more` are buttons that stand beside the others. */
export function progress(wire, ...more) {
  const title = line("none", "vnb-title");
  const status = line("status", "vnb-status");
  const bar = h("progress", { max: 1 });
  const numbers = line("none", "vnb-number");
  const alert = line("alert", "vnb-alert");
  const drawn = linked("vnb-small vnb-drawn");
  const id = line("none", "vnb-id");
  const cancel = button("vnb-cancel", () => wire.press("cancel"));
  const wait = button("", () => wire.press("wait"));
  const notify = notifyMe(wire);
  wire.watch((state) => {
    say(title, state.prompt);
    say(status, state.status);
    bar.hidden = state.ended;
    if (state.progress == null) bar.removeAttribute("value");
    else bar.value = state.progress;
    label(bar, wire.text("bar"));
    say(numbers, state.numbers);
    drawn.show(state.drawn);
    say(alert, state.error);
    say(cancel, state.can_cancel ? wire.text(state.cancelling ? "cancelling" : "cancel") : "");
    cancel.disabled = state.cancelling;
    say(wait, state.can_wait ? wire.text("wait") : "");
    notify.update(!state.ended, state.prompt, state.status);
    say(id, state.id);
  });
  return h(
    "div",
    { className: "vnb-sheet" },
    title,
    status,
    bar,
    numbers,
    drawn.node,
    alert,
    h("div", { className: "vnb-row" }, cancel, wait, ...more, notify.node),
    id,
  );
}
