// The panel of a class.

import assert from "node:assert/strict";
import { test } from "node:test";
import { draw, sections, soon } from "./page.mjs";

const NASTY = "<img src=x onerror=alert(1)>";
const ROW = { id: "anna", name: NASTY, cells: ["1", "2", "3", "4"], spent: "", selected: false };
const CLASS = {
  part: "class",
  people: [ROW, { ...ROW, id: "ben", name: "ben" }],
  queue: "1 waiting, 0 running",
  paused: false,
  note: "",
  tasks: [{ id: "1-2", line: NASTY, error: "", can_stop: true, can_retry: false }],
  saved: "",
  sheet: "",
  busy: false,
  error: "",
};
const TEXTS = {
  panel: {},
  class: { pause: "Pause", resume: "Resume", stop: "Stop", name: "Name" },
};

const shown = () => draw(sections({ "/": CLASS }, TEXTS));
const named = (drawn, text) => drawn.all("button").find((one) => one.textContent === text);

test("people, their tasks and what to do are shown, and texts stay texts", async () => {
  const drawn = shown();
  assert.equal(drawn.all("tbody tr").length, 2);
  assert.equal(drawn.find("img[src=x]"), null);
  assert.equal(drawn.find("tbody button").textContent, NASTY);
  drawn.find("tbody button").click();
  named(drawn, "Pause").click();
  named(drawn, "Stop").click();
  await soon();
  const pressed = drawn.model.said().map(({ name, id }) => [name, id]);
  assert.deepEqual(pressed, [
    ["select", "anna"],
    ["pause", undefined],
    ["stop", "1-2"],
  ]);
});

test("a paused queue offers to resume, and who has left is not shown any more", () => {
  const drawn = shown();
  drawn.model.change("/", { paused: true, people: [ROW] });
  assert.equal(drawn.all("tbody tr").length, 1);
  assert.ok(named(drawn, "Resume"));
  assert.equal(named(drawn, "Pause"), undefined);
});
