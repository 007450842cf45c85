// A model that anywidget has given up on, because its script was loaded late.

import assert from "node:assert/strict";
import { test } from "node:test";
import { later, model, panel, sections, soon } from "./page.mjs";

const { restoreHearing } = await import("../../../videogen_nb/panels/static/late_load.js");

const LATE = new Error("[anywidget] Failed to initialize model.");
const STATE = () => sections({ "/": { part: "url", value: "", checked: "" } });
const says = (content) => ({ content: { data: { method: "custom", content } }, buffers: [] });

/** A model of ipywidgets: its events name it, and its comm hands it what the kernel sends. */
class WidgetModel {
  comm = {
    on_msg: (handler) => {
      this.fromKernel = handler;
    },
  };
  constructor(page) {
    this.page = page;
    this.comm.on_msg(this._handle_comm_msg.bind(this));
  }
  async _handle_comm_msg(message) {
    this.page.emit("msg:custom", message.content.data.content, message.buffers);
  }
}

/** anywidget's, which handles nothing where its script was not ready in time. */
class AnyModel extends WidgetModel {
  async _handle_comm_msg(message) {
    await this.page.ready();
    return super._handle_comm_msg(message);
  }
}

/** The few methods of a model that anywidget gives to a script, and the model behind them. */
function given(ready) {
  const page = Object.assign(model(STATE()), { ready });
  const behind = new AnyModel(page);
  page.set = (name) => page.emit(`change:${name}`, behind);
  const heard = [];
  page.on("msg:custom", (content) => heard.push(content.op));
  return { page, behind, heard };
}

test("a deaf model hears again, and is left alone from then on", async () => {
  const { page, behind, heard } = given(() => Promise.reject(LATE));
  await assert.rejects(behind.fromKernel(says({ op: "lost" })), LATE);
  assert.equal(await restoreHearing(page), true);
  await behind.fromKernel(says({ op: "told" }));
  assert.deepEqual(heard, ["told"]);
  assert.equal(await restoreHearing(page), false);
});

test("a model that hears keeps its own handler", async () => {
  const { page, behind } = given(() => Promise.resolve());
  const own = behind.fromKernel;
  assert.equal(await restoreHearing(page), false);
  assert.equal(behind.fromKernel, own);
});

test("a model of another front end is left alone", async () => {
  const plain = model(STATE());
  assert.equal(await restoreHearing(plain), false); // it cannot be set
  const told = model(STATE());
  told.set = (name, value) => told.emit(`change:${name}`, value); // its events name the value
  assert.equal(await restoreHearing(told), false);
  const closed = given(() => Promise.reject(LATE));
  closed.behind.comm = undefined;
  assert.equal(await restoreHearing(closed.page), false);
  assert.equal(told.listeners() + plain.listeners(), 0);
});

/** How a panel drawn on such a model greets its kernel: whether it says "again". */
async function greetings(ready) {
  const { page } = given(ready);
  later(panel.render({ model: page, el: document.createElement("div") }));
  await soon();
  return page.sent.filter(({ op }) => op === "hello").map(({ again }) => Boolean(again));
}

test("a panel drawn on a deaf model asks for what it has missed", async () => {
  assert.deepEqual(await greetings(() => Promise.reject(LATE)), [false, true]);
  assert.deepEqual(await greetings(() => Promise.resolve()), [false]);
});
