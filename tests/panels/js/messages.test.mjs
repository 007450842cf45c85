import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { later, model, sections, soon, until } from "./page.mjs";

const { bind, connect } = await import("../../../videogen_nb/panels/static/messages.js");
const { h } = await import("../../../videogen_nb/panels/static/dom.js");

const MIB = 2 ** 20;

function wired(
  paths = { "/": { part: "studio" }, "/prompt": { part: "prompt", value: "" } },
  answer,
) {
  const end = new AbortController();
  const fake = model(
    sections(paths, { panel: { all: "for all" }, prompt: { hello: "Hi {name}" } }),
    answer,
  );
  later(() => end.abort());
  return { fake, end, wire: connect(fake, end.signal) };
}

test("a part sees its own state and texts, and those of every panel", () => {
  const { wire } = wired();
  const prompt = wire.at("prompt");
  assert.equal(prompt.state().part, "prompt");
  assert.equal(prompt.text("hello", { name: "you" }), "Hi you");
  assert.equal(prompt.text("all"), "for all");
});

test("it is drawn at once, and with every change of its state or the language", () => {
  const { fake, wire } = wired();
  let drawn = 0;
  wire.at("prompt").watch(() => {
    drawn += 1;
  });
  fake.change("/", { label: "x" });
  assert.equal(drawn, 1);
  fake.change("/prompt", { value: "sea" });
  fake.update({ texts: {} });
  assert.equal(drawn, 3);
});

test("a list in pieces is put together, and what has not changed in it stays the same", () => {
  const paths = { "/prompt": { part: "prompt", items: null, none: null } };
  const { fake, wire } = wired({ "/": { part: "studio" }, ...paths });
  fake.update({
    "/prompt#items": ["a", "b"],
    "/prompt#items/a": { n: 1 },
    "/prompt#items/b": { n: 2 },
  });
  const drawn = [];
  wire.at("prompt").watch((state) => drawn.push(state));
  fake.update({ "/prompt#items/b": { n: 3 } });
  fake.change("/prompt", { moves: 1 });
  assert.deepEqual(drawn[0].items, [{ n: 1 }, { n: 2 }]);
  assert.deepEqual(drawn.at(-1).items, [{ n: 1 }, { n: 3 }]);
  assert.equal(drawn.at(-1).items[0], drawn[0].items[0]);
  assert.equal(drawn.at(-1).none, null);
  fake.update({ "/prompt#items": ["b"], "/prompt#items/a": null });
  fake.change("/prompt", { moves: 2 });
  assert.deepEqual(wire.at("prompt").now("items"), [{ n: 3 }]);
});

test("what was typed is there at once and goes in one message when the typing pauses", async () => {
  const { fake, wire } = wired();
  const prompt = wire.at("prompt");
  for (const value of ["s", "se", "sea"]) prompt.set("value", value, 10);
  assert.equal(prompt.now("value"), "sea");
  assert.deepEqual(fake.sent, []);
  await soon(30);
  assert.deepEqual(
    fake.sent.map((m) => [m.op, m.to, m.name, m.value]),
    [["set", "/prompt", "value", "sea"]],
  );
  assert.equal(prompt.now("value"), ""); // acknowledged: the kernel's word counts again
});

test("a press lets go first what was typed before it, in any part", () => {
  const { fake, wire } = wired();
  wire.at("prompt").set("value", "sea", 1000);
  wire.press("start");
  assert.deepEqual(
    fake.sent.map((m) => m.name),
    ["value", "start"],
  );
});

test("a field is not overwritten by what the kernel has not heard yet", async () => {
  const { fake, wire } = wired();
  const prompt = wire.at("prompt");
  const input = h("input");
  prompt.watch(bind(input, prompt, "value"));
  input.value = "sea at n";
  input.dispatchEvent(new window.Event("input"));
  fake.change("/prompt", { value: "sea" });
  assert.equal(input.value, "sea at n");
  await soon(160);
  assert.equal(input.value, "sea"); // all was heard: the kernel says what stands there
});

test("an unanswered question is told after two seconds, and the answer takes it back", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  try {
    const { fake, wire } = wired(undefined, () => null);
    const told = [];
    wire.silence((on) => told.push(on));
    wire.press("start");
    mock.timers.tick(1999);
    assert.deepEqual(told, []);
    mock.timers.tick(1);
    assert.deepEqual(told, [true]);
    fake.emit("msg:custom", { op: "ack", ticket: fake.sent[0].ticket }, []);
    assert.deepEqual(told, [true, false]);
  } finally {
    mock.timers.reset();
  }
});

test("an answer to a later question tells that the kernel listens, though one was lost", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  try {
    const { fake, wire } = wired(undefined, () => null);
    const told = [];
    wire.silence((on) => told.push(on));
    wire.press("lost");
    wire.press("start");
    mock.timers.tick(2000);
    fake.emit("msg:custom", { op: "ack", ticket: fake.sent[1].ticket }, []);
    assert.equal(told.at(-1), false);
  } finally {
    mock.timers.reset();
  }
});

test("a file goes in pieces, each after the one before it arrived", async () => {
  const data = new Uint8Array(2 * MIB + 7).map((_, i) => i % 251);
  const file = new File([data], "a.png");
  const got = [];
  let size = 0;
  const { wire } = wired(undefined, (message, buffers) => {
    if (message.op === "begin") size = message.size;
    if (message.op === "piece") got.push(new Uint8Array(buffers[0]));
    const offset = got.reduce((sum, piece) => sum + piece.length, 0);
    return offset < size ? { op: "more", offset } : { op: "done" };
  });
  const shares = [];
  const progress = (share) => shares.push(share);
  await wire.push(file, { progress, stopped: new AbortController().signal });
  assert.deepEqual(
    got.map((piece) => piece.length),
    [MIB, MIB, 7],
  );
  assert.deepEqual(Buffer.concat(got), Buffer.from(data));
  assert.equal(shares.length, 3);
});

test("an upload that is stopped sends no further piece and says so", async () => {
  const end = new AbortController();
  const { fake, wire } = wired(undefined, (message) =>
    message.op === "begin" ? { op: "more", offset: 0 } : null,
  );
  wire.push(new File([new Uint8Array(3 * MIB)], "a"), { progress: () => {}, stopped: end.signal });
  await until(() => fake.sent.length === 2);
  end.abort();
  await soon();
  assert.deepEqual(
    fake.sent.map((m) => m.op),
    ["begin", "piece", "stop"],
  );
});

test("bytes are fetched in pieces, whole and with their type", async () => {
  const data = Buffer.alloc(2 * MIB + 1, 7);
  const { wire } = wired(undefined, ({ op, key, offset }) => {
    assert.equal(`${op} ${key}`, "pull video");
    const buffers = [new DataView(new Uint8Array(data.subarray(offset, offset + MIB)).buffer)];
    return { op: "piece", offset, size: data.length, type: "video/mp4", buffers };
  });
  const shares = [];
  const blob = await wire.pull("video", (share) => shares.push(share));
  assert.equal(blob.type, "video/mp4");
  assert.deepEqual(Buffer.from(await blob.arrayBuffer()), data);
  assert.equal(shares.at(-1), 1);
});

test("what is no longer offered is told", async () => {
  const { wire } = wired(undefined, () => ({ op: "nothing", why: "it is no longer offered" }));
  await assert.rejects(wire.pull("video"), /no longer offered/);
});

test("a lost answer is asked for again", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  try {
    const { fake, wire } = wired(undefined, () => null);
    wire.pull("video");
    mock.timers.tick(15000);
    assert.deepEqual(
      fake.sent.map((m) => m.op),
      ["pull", "pull"],
    );
    assert.equal(fake.sent[0].ticket, fake.sent[1].ticket);
  } finally {
    mock.timers.reset();
  }
});

test("the kernel can speak to one part", () => {
  const { fake, wire } = wired();
  const heard = [];
  wire.at("prompt").hear("save", (message) => heard.push(message.name));
  fake.emit("msg:custom", { to: "/", op: "save", name: "other" }, []);
  fake.emit("msg:custom", { to: "/prompt", op: "save", name: "mine" }, []);
  assert.deepEqual(heard, ["mine"]);
});

test("when it ends nothing listens, and nothing is sent any more", async () => {
  const { fake, end, wire } = wired();
  const prompt = wire.at("prompt");
  prompt.watch(() => {});
  wire.watch(() => {});
  wire.on("destroy", () => {});
  prompt.set("value", "x", 10);
  end.abort();
  await soon(30);
  assert.equal(fake.listeners(), 0);
  assert.deepEqual(fake.sent, []);
});

test("a connection that throws is one that does not answer", () => {
  const { fake, wire } = wired();
  fake.send = () => {
    throw new Error("Canceled future for comm_msg");
  };
  assert.doesNotThrow(() => wire.press("start"));
});
