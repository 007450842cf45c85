// A field with a list of choices.

import { field, h } from "./dom.js";
import { bind } from "./messages.js";

/** A choice whose options the kernel names: `[[text, value], …]`. */
export function choices(wire, name) {
  const select = h("select");
  const { node, label: title } = field(select);
  const show = bind(select, wire, name);
  let offered = "";
  return {
    node,
    update(text, options) {
      title.textContent = text;
      if (JSON.stringify(options) !== offered) {
        offered = JSON.stringify(options);
        select.replaceChildren(
          ...options.map(([textContent, value]) => h("option", { value, textContent })),
        );
      }
      show();
    },
  };
}
