// A field for a key: what is typed goes to the kernel once and is kept nowhere on the page.

function render({ model, el }) {
  const heard = listener(model);
  const label = h("label", { className: "vnb-small" });
  const input = h("input", { type: "password", autocomplete: "off", spellcheck: false });
  const go = h("button", { type: "submit", className: "vnb-button" });
  const form = h("form", { className: "vnb-row vnb-key" }, label, input, go);
  label.htmlFor = input.id = `vnb-key-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const speak = () => {
    const words = model.get("words");
    label.textContent = words.label || "";
    go.textContent = words.keep || "";
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) model.send({ op: "key", key: input.value.trim() });
    input.value = "";
  });
  speak();
  heard.on("change:words", speak);
  el.append(form);
  return () => heard.stop();
}

export default { render };
