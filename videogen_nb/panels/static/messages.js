// What goes between a panel and its kernel: state, what a person does, and bytes in pieces.
//
// The model holds one entry for each part, by its path ("/" for the panel itself, "/prompt" for
// a part of it), and the texts of all parts in "texts". A list that goes in pieces is null there:
// "/gallery#items" holds the ids, "/gallery#items/ID" each item; the part's entry comes after them. Everything the page says goes as custom
// messages, each answered, so that they arrive in order and a busy kernel is noticed.

import { fill } from "./dom.js";

const PIECE = 2 ** 20;
const SILENT_MS = 2000; // a question unanswered for so long: the kernel is busy
const TYPING_MS = 120; // what is typed goes in one message when the typing pauses
/** A lost answer to a `pull` or a greeting is asked for again. */
export const AGAIN_MS = 15000;

const newTicket = () => crypto.getRandomValues(new Uint32Array(2)).join("-");

/** The panel's own wire; `at(name)` gives that of a part. It ends with `signal`. */
export function connect(model, signal) {
  const asked = new Map(); // ticket → what is done with its answer
  const told = new Map(); // path and op → what is done when the kernel says it unasked
  const typed = new Map(); // path and name → what the person chose and the kernel has not noted
  const overdue = new Set();
  let onSilence = () => {};

  const hear = (message, buffers) => {
    const answer = asked.get(message.ticket);
    if (answer) answer(message, buffers);
    else told.get(`${message.to} ${message.op}`)?.(message);
  };
  const textOf = (part, name) => {
    const texts = model.get("texts") ?? {};
    return texts[part]?.[name] ?? texts.panel?.[name];
  };
  const send = (path, message, buffers) => {
    try {
      model.send({ ...message, to: path }, undefined, buffers);
    } catch {
      // A connection that is gone: the question stays unanswered, and that is told.
    }
  };
  const silent = (ticket) => {
    overdue.add(ticket);
    onSilence(true);
  };
  const answered = () => {
    overdue.clear(); // questions are answered in order: an older one was lost on the way
    onSilence(false);
  };
  const flush = () => {
    for (const one of [...typed.values()]) one.send();
  };

  model.on("msg:custom", hear);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", hear);
    for (const one of typed.values()) clearTimeout(one.timer);
    for (const answer of asked.values()) answer.stop();
  });

  /** The answer `[message, buffers]` to a question; it stays open until there is one. */
  const ask = (path, message, { buffers, ticket = newTicket(), againMs = 0 } = {}) =>
    new Promise((resolve) => {
      const late = setTimeout(() => silent(ticket), SILENT_MS);
      const question = (more) => send(path, { ...message, ...more, ticket }, buffers);
      const again = againMs ? setInterval(() => question({ again: true }), againMs) : 0;
      const done = (...answer) => {
        done.stop();
        answered();
        resolve(answer);
      };
      done.stop = () => {
        clearTimeout(late);
        clearInterval(again);
        asked.delete(ticket);
      };
      asked.set(ticket, done);
      question();
    });

  /** A part's entry, its lists put together; items that have not changed stay the same objects. */
  const whole = (key, entry) => {
    const found = { ...entry };
    for (const [name, value] of Object.entries(entry)) {
      const ids = value === null ? model.get(`${key}#${name}`) : null;
      if (ids) found[name] = ids.map((id) => model.get(`${key}#${name}/${id}`));
    }
    return found;
  };

  const wireAt = (path, until) => {
    const key = path || "/";
    const drawn = new Set();
    let entry = null;
    let known = {};
    const state = () => {
      const now = model.get(key);
      if (now !== entry) known = now ? whole(key, now) : {};
      entry = now;
      return known;
    };
    const redraw = () => {
      if (!until.aborted && model.get(key)) for (const draw of drawn) draw(state());
    };
    const on = (event, handler) => {
      model.on(event, handler);
      until.addEventListener("abort", () => model.off(event, handler), { once: true });
    };
    return {
      state,
      on,
      signal: until,
      path: key,
      /** The wire of the part that this one is in. */
      get up() {
        return wireAt(path.slice(0, path.lastIndexOf("/")), until);
      },
      /** A text of this part in the person's language, its `{fields}` filled in. */
      text: (name, values = {}) => fill(textOf(state().part, name), values),
      /** Draws now, and whenever the state or the language has changed. */
      watch(draw) {
        if (!drawn.size) for (const one of [key, "texts"]) on(`change:${one}`, redraw);
        drawn.add(draw);
        if (model.get(key)) draw(state());
      },
      /** A part's wire, until this one ends or `signal` does. */
      at: (name, inner = until) => wireAt(`${path}/${name}`, inner),
      /** What a field holds: the person's last word, else what the kernel says. */
      now: (name) =>
        typed.has(`${key} ${name}`) ? typed.get(`${key} ${name}`).value : state()[name],
      /** Tells the kernel what a person has typed or chosen; `now` gives it at once. */
      set(name, value, pauseMs = 0) {
        const place = `${key} ${name}`;
        clearTimeout(typed.get(place)?.timer);
        const one = { value, timer: 0 };
        one.send = () => {
          clearTimeout(one.timer);
          one.send = () => {};
          ask(key, { op: "set", name, value }).then(() => {
            if (typed.get(place) === one) typed.delete(place);
            redraw();
          });
        };
        typed.set(place, one);
        if (pauseMs) one.timer = setTimeout(() => one.send(), pauseMs);
        else one.send();
        redraw();
      },
      /** Asks the kernel for something; what was typed before goes first. */
      ask(message, options) {
        flush();
        return ask(key, message, options);
      },
      press: (name, values = {}) => {
        flush();
        return ask(key, { op: "press", name, ...values });
      },
      /** Does `handler(message)` when the kernel sends `op` to this part. */
      hear(op, handler) {
        told.set(`${key} ${op}`, handler);
        until.addEventListener("abort", () => told.delete(`${key} ${op}`), { once: true });
      },
      /** Calls `handler(true)` when an answer is overdue, `handler(false)` when none is. */
      silence(handler) {
        onSilence = handler;
      },
      push: (file, events) => push(key, file, events),
      pull: (name, progress) => pull(key, name, progress),
    };
  };

  /** Sends a file, a piece when the one before it has arrived; resolves when it is whole there. */
  function push(path, file, { progress, stopped }) {
    const ticket = newTicket();
    stopped.addEventListener("abort", () => {
      asked.get(ticket)?.stop();
      send(path, { op: "stop", ticket });
    });
    return (async () => {
      let question = { op: "begin", name: file.name, size: file.size };
      let buffers;
      while (!stopped.aborted) {
        const [answer] = await ask(path, question, { buffers, ticket });
        if (answer.op !== "more") return;
        progress(answer.offset / file.size);
        buffers = [await file.slice(answer.offset, answer.offset + PIECE).arrayBuffer()];
        question = { op: "piece", offset: answer.offset };
      }
    })();
  }

  /** Fetches what the kernel offers under a name; resolves to a Blob, rejects with a text. */
  async function pull(path, name, progress = () => {}) {
    const ticket = newTicket();
    const pieces = [];
    let offset = 0;
    for (;;) {
      const question = { op: "pull", key: name, offset };
      const [answer, buffers] = await ask(path, question, { ticket, againMs: AGAIN_MS });
      if (answer.op !== "piece") throw new Error(answer.why ?? "");
      if (answer.offset !== offset) continue;
      pieces.push(buffers[0]);
      offset += buffers[0].byteLength;
      progress(answer.size ? offset / answer.size : 1);
      if (offset >= answer.size) return new Blob(pieces, { type: answer.type });
    }
  }

  return wireAt("", signal);
}

/** Ties a field to a part's value: the kernel hears what is typed, the field shows what it says. */
export function bind(input, wire, name) {
  const pauseMs = input.tagName === "SELECT" ? 0 : TYPING_MS;
  input.addEventListener("input", () => wire.set(name, input.value, pauseMs));
  return () => {
    const value = wire.now(name) ?? "";
    if (input.value !== value) input.value = value;
  };
}
