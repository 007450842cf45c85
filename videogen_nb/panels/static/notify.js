// A notification of the browser's own when what one waits for has ended. Nobody is asked for it
// before they press the button.

import { button, h, label, line, say } from "./dom.js";

/** A button, and a line that says why it is not possible. `update` is told how it stands. */
export function notifyMe(wire) {
  let on = false;
  let running = false;
  const blocked = line("status", "vnb-small");
  const press = button("vnb-notify", async () => {
    on = !on && (await allowed());
    say(blocked, on || Notification.permission !== "denied" ? "" : wire.text("notify_blocked"));
    label(press, String(on), "aria-pressed");
  });
  return {
    node: h("span", { className: "vnb-row" }, press, blocked),
    /** `now`: whether it is under way; when that ends, `title` and `body` are shown. */
    update(now, title, body) {
      say(press, now && "Notification" in globalThis ? wire.text("notify") : "");
      label(press, String(on), "aria-pressed");
      if (running && !now && on) tell(title, body);
      running = now;
    },
  };
}

async function allowed() {
  if (Notification.permission !== "default") return Notification.permission === "granted";
  return (await Notification.requestPermission()) === "granted";
}

function tell(title, body) {
  try {
    new Notification(title, { body });
  } catch {
    // A browser that lets only service workers do it, as on phones: the panel shows it all the same.
  }
}
