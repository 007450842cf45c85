// A page and a kernel for the scripts: happy-dom, and a model that keeps what is sent.

import { afterEach } from "node:test";
import { Window } from "happy-dom";

const window = new Window({ url: "http://localhost/" });
for (const name of [
  "document",
  "File",
  "getSelection",
  "requestAnimationFrame",
  "cancelAnimationFrame",
]) {
  globalThis[name] =
    typeof window[name] === "function" && name !== "File"
      ? window[name].bind(window)
      : window[name];
}
globalThis.window = window;
Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
globalThis.getSelection = () => ({ selectAllChildren() {} });

/** What is seen at once, or when the test says so. */
export const observers = [];
globalThis.IntersectionObserver = class {
  constructor(seen) {
    this.see = () => seen([{ isIntersecting: true }]);
    observers.push(this);
  }
  observe() {}
  disconnect() {
    this.disconnected = true;
  }
};

/** What the person prefers; set `matches` to want less motion. */
export const motion = { matches: false };
globalThis.matchMedia = () => motion;

export const urls = { made: [], revoked: [] };
URL.createObjectURL = (blob) => {
  urls.made.push(blob);
  return `blob:${urls.made.length}`;
};
URL.revokeObjectURL = (url) => urls.revoked.push(url);

export const { default: panel } = await import(
  process.env.PANEL_SCRIPT ?? "../../../videogen_nb/panels/static/main.js"
);

const drawn = [];
/** Takes away what a test has drawn: a question that is still open keeps its timers. */
afterEach(() => {
  for (const undo of drawn.splice(0)) undo();
});
/** Calls `undo` when the test has ended. */
export const later = (undo) => drawn.push(undo);

const BASE = { language: "en", busy: false, error: "", label: "A panel" };

/** Sections as a kernel tells them: `{"/": {part: "url"}}` with the rest filled in. */
export function sections(paths, texts = {}) {
  const entries = Object.entries(paths).map(([path, state]) => [path, { ...BASE, ...state }]);
  return { texts, ...Object.fromEntries(entries) };
}

/** A model as anywidget gives it. `answer(message, buffers)` gives what the kernel says to it. */
export function model(state, answer = () => ({ op: "ack" })) {
  const heard = new Map();
  const emit = (event, ...values) => {
    for (const handler of [...(heard.get(event) ?? [])]) handler(...values);
  };
  const self = {
    sent: [],
    get: (name) => state[name],
    on: (event, handler) => heard.set(event, [...(heard.get(event) ?? []), handler]),
    off: (event, handler) =>
      heard.set(
        event,
        (heard.get(event) ?? []).filter((other) => other !== handler),
      ),
    send(message, _callbacks, buffers) {
      self.sent.push(message);
      queueMicrotask(() => {
        const reply = answer(message, buffers);
        if (reply) emit("msg:custom", { ticket: message.ticket, ...reply }, reply.buffers ?? []);
      });
    },
    emit,
    listeners: () => [...heard.values()].flat().length,
    /** An update from the kernel: all entries are there before anybody is told. */
    update(changes) {
      Object.assign(state, changes);
      for (const name of Object.keys(changes)) emit(`change:${name}`);
    },
    /** Changes some values of one part. */
    change: (path, values) => self.update({ [path]: { ...state[path], ...values } }),
    /** What a person did, without the first hello. */
    said: () => self.sent.filter((message) => message.op !== "hello"),
  };
  return self;
}

/** Draws a panel; `undo` takes it away. */
export function draw(state, answer) {
  const fake = model(state, answer);
  const el = document.createElement("div");
  document.body.append(el);
  const end = panel.render({ model: fake, el });
  const undo = () => {
    end();
    el.remove();
  };
  later(undo);
  return {
    model: fake,
    el,
    undo,
    find: (css) => el.querySelector(css),
    all: (css) => [...el.querySelectorAll(css)],
  };
}

export const soon = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for something that takes its time, such as reading a file. */
export async function until(holds) {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await soon();
  if (!holds()) throw new Error(`it did not come about: ${holds}`);
}

/** Types into a field as a person does. */
export function type(input, value) {
  input.value = value;
  input.dispatchEvent(new window.Event("input", { bubbles: true }));
}

export function key(node, name, more = {}) {
  node.dispatchEvent(
    new window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }),
  );
}
