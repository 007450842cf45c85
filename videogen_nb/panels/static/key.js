// A field for a key: what is typed goes to the kernel once and is kept nowhere on the page.

function render({ model, el }) {
  const heard = listener(model);
  const id = `vnb-key-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const label = h("label", { className: "vnb-small", htmlFor: id });
  const input = h("input", { id, type: "password", autocomplete: "off", spellcheck: false });
  const go = h("button", { type: "button", className: "vnb-button" });
  const speak = () => {
    const words = model.get("words");
    label.textContent = words.label || "";
    go.textContent = words.keep || "";
  };
  const send = () => {
    if (input.value.trim()) model.send({ op: "key", key: input.value.trim() });
    input.value = "";
  };
  go.addEventListener("click", send);
  // No form: around a notebook's output, pressing Enter in one submits nothing.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") send();
  });
  speak();
  heard.on("change:words", speak);
  el.append(h("div", { className: "vnb-row vnb-key" }, label, input, go));
  return () => heard.stop();
}

export default { render };
