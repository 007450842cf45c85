// What stock widgets cannot say about themselves: set on the panel that this widget stands in.

const FOCUSABLE = "button, input, select, textarea, video, summary, a, [tabindex]";
const LIVE = { "vnb-status": ["status", "polite"], "vnb-alert": ["alert", "assertive"] };

function render({ model, el }) {
  const heard = listener(model);
  el.classList.add("vnb-shell");
  el.setAttribute("aria-hidden", "true");
  let panel = null;
  let watcher = null;

  const tell = () => {
    if (!panel) return;
    // Jupyter's own shortcuts (d d deletes a cell) keep out of whatever has the focus in here. They
    // are matched from the focused element upwards, so it has to say so itself.
    for (const node of [panel, ...panel.querySelectorAll(FOCUSABLE)]) {
      node.setAttribute("data-lm-suppress-shortcuts", "true");
    }
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", model.get("label"));
    panel.setAttribute("lang", model.get("language"));
    for (const [name, [role, live]] of Object.entries(LIVE)) {
      for (const node of panel.querySelectorAll(`.${name}`)) {
        node.setAttribute("role", role);
        node.setAttribute("aria-live", live);
      }
    }
    for (const [name, label] of Object.entries(model.get("names"))) {
      for (const group of panel.querySelectorAll(`.${name}`)) {
        group.setAttribute("role", group.classList.contains("vnb-tabs") ? "tablist" : "group");
        group.setAttribute("aria-label", label);
      }
    }
    for (const tab of panel.querySelectorAll(".vnb-tabs > button")) {
      const here = tab.classList.contains("vnb-here");
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
    }
    for (const button of panel.querySelectorAll("button i.fa")) {
      button.setAttribute("aria-hidden", "true");
    }
  };
  // Arrow keys move between tabs, as in every tab list.
  const step = (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = [...panel.querySelectorAll(".vnb-tabs > button")];
    const place = tabs.indexOf(event.target);
    if (!move || place < 0) return;
    event.preventDefault();
    const next = tabs[(place + move + tabs.length) % tabs.length];
    next.focus();
    next.click();
  };
  // Stock fields report what is typed one message at a time, and a click overtakes them while the
  // kernel is busy. So the press of the main button brings along what stands in the fields.
  const press = (event) => {
    const pressed = event.target.closest("button.vnb-go");
    const fields = Object.entries(model.get("fields"));
    if (!pressed || pressed.closest(".vnb-panel") !== panel || !fields.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const around = panel.closest(".vnb-studio") || panel;
    const typed = fields.map(([name, where]) => [name, around.querySelector(where)]);
    const values = typed.filter(([, field]) => field).map(([name, field]) => [name, field.value]);
    if (!pressed.disabled) model.send({ op: "go", values: Object.fromEntries(values) });
  };
  const submit = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const target = panel.querySelector("button.vnb-go:not([disabled])");
    if (target && event.target.closest(".vnb-panel") === panel && event.target.closest("textarea, input")) {
      event.preventDefault();
      target.click();
    }
  };
  // The widget is rendered before it is put into the page.
  const settle = () => {
    panel = el.parentElement && el.parentElement.closest(".vnb-panel");
    if (!panel) return requestAnimationFrame(settle);
    tell();
    // Captured: stock text fields keep their key presses from whatever is around them.
    panel.addEventListener("keydown", submit, true);
    panel.addEventListener("keydown", step);
    panel.addEventListener("click", press, true);
    watcher = new MutationObserver(tell);
    watcher.observe(panel, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
  };
  settle();
  for (const trait of ["label", "names", "language"]) heard.on(`change:${trait}`, tell);
  return () => {
    heard.stop();
    if (watcher) watcher.disconnect();
    if (panel) {
      panel.removeEventListener("keydown", submit, true);
      panel.removeEventListener("keydown", step);
      panel.removeEventListener("click", press, true);
    }
  };
}

export default { render };
