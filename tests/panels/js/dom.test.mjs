import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.mjs";

const { button, field, fill, h, keyed, line, say } = await import(
  "../../../videogen_nb/panels/static/dom.js"
);

test("texts stay texts, whatever they hold", () => {
  const nasty = "<img src=x onerror=alert(1)>";
  const node = h("p", { title: nasty, "aria-label": nasty }, nasty);
  assert.equal(node.textContent, nasty);
  assert.equal(node.querySelector("img"), null);
  assert.equal(node.getAttribute("aria-label"), nasty);
});

test("what can have the focus keeps Jupyter's shortcuts out", () => {
  for (const tag of ["a", "button", "input", "select", "summary", "textarea", "video"]) {
    assert.equal(h(tag).getAttribute("data-lm-suppress-shortcuts"), "true", tag);
  }
  assert.equal(h("p").getAttribute("data-lm-suppress-shortcuts"), null);
});

test("a field has its label, by an id of its own", () => {
  const [one, other] = [field(h("input")), field(h("input"))];
  const input = one.node.querySelector("input");
  assert.equal(one.label.getAttribute("for"), input.id);
  assert.notEqual(input.id, other.node.querySelector("input").id);
});

test("an empty line takes no room", () => {
  const node = line("status");
  assert.equal(node.hidden, true);
  say(node, "Queued");
  assert.deepEqual([node.hidden, node.textContent], [false, "Queued"]);
  say(node, "");
  assert.equal(node.hidden, true);
});

test("a text is set only when it is another one: readers are not told twice", () => {
  const node = h("p", {}, "same");
  const first = node.firstChild;
  say(node, "same");
  assert.equal(node.firstChild, first);
});

test("templates are filled, and braces in values are left alone", () => {
  assert.equal(fill("{n} of {m} {x}", { n: "{m}", m: 2 }), "{m} of 2 ");
  assert.equal(fill(undefined, {}), "");
});

test("a list keeps the nodes of what stays, in the kernel's order", () => {
  const box = h("div");
  const stopped = [];
  const list = keyed(box, (item) => {
    const node = h("p", {}, item.id);
    return { node, update: (now) => node.append(now.mark), stop: () => stopped.push(item.id) };
  });
  list.show([
    { id: "a", mark: "1" },
    { id: "b", mark: "1" },
  ]);
  const [a, b] = box.children;
  list.show([
    { id: "c", mark: "2" },
    { id: "b", mark: "2" },
    { id: "a", mark: "2" },
  ]);
  assert.deepEqual(
    [...box.children].map((n) => n.textContent),
    ["c2", "b12", "a12"],
  );
  assert.equal(box.children[1], b);
  assert.equal(box.children[2], a);
  list.show([{ id: "b", mark: "3" }]);
  assert.deepEqual(stopped, ["a", "c"]);
  list.stop();
  assert.equal(box.children.length, 0);
  assert.deepEqual(stopped, ["a", "c", "b"]);
});

test("a button does what it is for", () => {
  let pressed = 0;
  const node = button("vnb-go", () => {
    pressed += 1;
  });
  node.click();
  assert.deepEqual([pressed, node.className, node.type], [1, "vnb-button vnb-go", "button"]);
});
