// A storyboard as cards: order and edit shots, make what is stale, choose among takes, join.

import { button, field, h, keyed, label, line, say } from "./dom.js";
import { question } from "./grid.js";
import { screen } from "./player.js";
import { wipe } from "./wipe.js";

const TYPING_MS = 400; // each change is written to the storyboard's file

/** A field of one shot: it tells what is typed, and shows what the kernel says. */
function edited(wire, input, name) {
  let number = 0;
  const pauseMs = input.tagName === "SELECT" ? 0 : TYPING_MS;
  input.addEventListener("input", () => wire.set(`${name}-${number}`, input.value, pauseMs));
  return (card) => {
    number = card.number;
    const value = wire.now(`${name}-${number}`) ?? card[name];
    if (input.value !== value) input.value = value;
  };
}

/** The shot's video: its poster, and a button that fetches and plays it. */
function still(wire) {
  const place = h("div", { className: "vnb-shot-still" });
  const play = button("vnb-shot-play", async () => {
    if (!shown) return;
    await shown.bytes();
    shown.player.controls = true;
    say(play, "");
    shown.player.play().catch(() => {});
  });
  const node = h("div", { className: "vnb-shot-video" }, place, play);
  let shown = null;
  let of = null;
  const stop = () => {
    shown?.stop();
    shown = null;
  };
  return {
    node,
    stop,
    update(card) {
      label(play, wire.text("play_shot", { number: card.number }));
      if ((card.video?.key ?? "") === of) return;
      of = card.video?.key ?? "";
      stop();
      place.replaceChildren();
      say(play, card.video ? "▶" : "");
      if (!card.video) return;
      shown = screen(wire, card.video, { single: false, eager: false });
      place.append(shown.frame);
    },
  };
}

/** The takes of a shot, to choose one. */
function takes(wire) {
  const node = h("div", { className: "vnb-row", role: "group" });
  const compare = button("", () => wire.press("compare", { number }));
  let number = 0;
  const row = h("div", { className: "vnb-row" }, node, compare);
  const list = keyed(node, () => {
    let take = 0;
    const one = button("vnb-take", () => wire.press("choose", { number, take }));
    return {
      node: one,
      update(item) {
        take = item.take;
        say(one, wire.text("take", { take }));
        label(one, String(item.chosen), "aria-pressed");
      },
    };
  });
  return {
    node: row,
    update(card) {
      row.hidden = card.takes.length < 2;
      number = card.number;
      const many = card.takes.length > 1;
      label(node, wire.text("takes", { number }));
      list.show(
        many ? card.takes.map((one) => ({ ...one, chosen: one.take === card.take })) : [],
        (one) => one.id,
      );
      say(compare, many ? wire.text("compare") : "");
    },
    stop: list.stop,
  };
}

/** One shot. */
function shot(wire) {
  const badge = h("span", { className: "vnb-badge" });
  const video = still(wire);
  video.node.append(badge);
  const prompt = h("textarea", { rows: 2 });
  const promptField = field(prompt);
  const seconds = h("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
  const secondsField = field(seconds);
  const link = h("select");
  const linkField = field(link);
  const fill = [
    edited(wire, prompt, "prompt"),
    edited(wire, seconds, "seconds"),
    edited(wire, link, "link"),
  ];
  let number = 0;
  const move = (step) => wire.press("move", { number, place: number + step });
  const earlier = button("vnb-shot-earlier", () => move(-1));
  const later = button("vnb-shot-later", () => move(1));
  const make = button("vnb-shot-make", () => wire.press(make.dataset.act ?? "make", { number }));
  const remove = button("vnb-quiet", () => wire.press("remove", { number }));
  const choices = takes(wire);
  const node = h(
    "li",
    { className: "vnb-card vnb-shot" },
    video.node,
    h(
      "div",
      { className: "vnb-stack vnb-shot-texts" },
      promptField.node,
      h("div", { className: "vnb-fields" }, secondsField.node, linkField.node),
      choices.node,
      h("div", { className: "vnb-row" }, make, earlier, later, remove),
    ),
  );
  return {
    node,
    update(card) {
      number = card.number;
      node.dataset.status = card.status;
      label(node, wire.text("shot", { number }));
      badge.textContent = `${number} · ${card.state}`;
      video.update(card);
      promptField.label.textContent = wire.text("prompt", { number });
      secondsField.label.textContent = wire.text("seconds");
      linkField.label.textContent = wire.text("link");
      if (!link.options.length || link.options[0].textContent !== wire.text("cut"))
        link.replaceChildren(
          ...["cut", "continue"].map((value) =>
            h("option", { value, textContent: wire.text(value) }),
          ),
        );
      link.disabled = number === 1;
      for (const one of fill) one(card);
      const working = card.status === "working";
      make.dataset.act = card.status === "current" ? "another" : "make";
      say(make, wire.text(make.dataset.act));
      label(make, `${make.textContent}: ${wire.text("shot", { number })}`);
      make.disabled = working;
      say(earlier, "←");
      label(earlier, wire.text("earlier", { number }));
      earlier.disabled = number === 1;
      say(later, "→");
      label(later, wire.text("later", { number }));
      later.disabled = card.last;
      say(remove, card.only ? "" : wire.text("remove"));
      label(remove, `${wire.text("remove")}: ${wire.text("shot", { number })}`);
      choices.update(card);
    },
    stop() {
      video.stop();
      choices.stop();
    },
  };
}

export function storyboard(wire) {
  const title = line("none", "vnb-title");
  const count = line("status", "vnb-status vnb-small");
  const alert = line("alert", "vnb-alert");
  const said = line("status", "vnb-said");
  const all = button("vnb-primary", () => wire.press("make"));
  const add = button("", () => wire.press("add"));
  const join = button("", () => wire.press("join"));
  const asked = question(wire);
  const over = wipe(wire);
  const list = h("ul", { className: "vnb-grid vnb-shots" });
  const cards = keyed(list, () => shot(wire));
  wire.watch((state) => {
    say(title, state.name);
    say(count, state.count);
    say(alert, state.error);
    say(said, state.said);
    say(all, wire.text("make_all"));
    all.disabled = !state.stale || state.busy;
    say(add, wire.text("add"));
    say(join, wire.text("join"));
    join.disabled = !state.can_join;
    label(list, wire.text("shots"));
    asked.update(state.question);
    const total = state.cards.length;
    cards.show(
      state.cards.map((card) => ({ ...card, last: card.number === total, only: total === 1 })),
      (card) => String(card.number),
    );
    over.update(state.compared);
  });
  wire.signal.addEventListener("abort", () => {
    cards.stop();
    over.stop();
  });
  return h(
    "div",
    { className: "vnb-sheet" },
    title,
    h("div", { className: "vnb-row" }, all, add, join, count),
    alert,
    said,
    asked.node,
    over.node,
    list,
  );
}
