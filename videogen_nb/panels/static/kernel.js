// One line at a panel's top that says when its kernel is busy or gone. The panel keeps its layout.

import { h, say } from "./dom.js";
import { AGAIN_MS } from "./messages.js";

/** The line; `root` is marked while the kernel is gone, and its buttons do nothing then. */
export function kernelLine(wire, root) {
  const node = h("div", { className: "vnb-kernel", role: "status", hidden: true });
  let gone = false;
  let quiet = false;

  const show = () => {
    root.classList.toggle("vnb-lost", gone);
    say(node, gone ? wire.text("kernel_gone") : quiet ? wire.text("kernel_busy") : "");
  };
  const hello = () =>
    wire.ask({ op: "hello" }, { againMs: AGAIN_MS }).then(() => {
      gone = false;
      show();
    });
  // What was fetched already can still be played and saved; everything else needs the kernel.
  const refuse = (event) => {
    if (!gone || event.target.closest(".vnb-player, summary, label")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  root.addEventListener("click", refuse, { capture: true, signal: wire.signal });
  for (const event of ["comm_live_update", "destroy"]) {
    wire.on(event, () => {
      gone = true;
      show();
      hello(); // a connection that was only interrupted answers
    });
  }
  wire.silence((on) => {
    quiet = on;
    show();
  });
  wire.watch(show);
  hello();
  return node;
}
