// Plays one video, or several side by side in step. The bytes come from the kernel, so it works
// behind any prefix and in Voilà; they are asked for when the player comes into view.

import { button, h, label, say } from "./dom.js";

const SAID_MS = 4000;
const KEEP_URL_MS = 60000;
const IN_STEP_S = 0.12;
const AGAIN_MS = 700; // between two corrections of one that lags behind
export const STEP_S = 1; // back and forward, by key

/** Hands a Blob to the browser's downloads under `name`. */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_URL_MS);
}

/** Calls `act` once when `node` is seen for the first time. */
export function whenSeen(node, act, signal) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    act();
  });
  seen.observe(node);
  signal.addEventListener("abort", () => seen.disconnect());
}

/** One video: poster, player, and what is known while its bytes arrive. They are asked for when it
    is seen (`eager`), else when it is to be played. */
export function screen(wire, video, { single, eager = true }) {
  const player = h("video", {
    className: "vnb-video",
    controls: single,
    playsInline: true,
    preload: "metadata",
    loop: false,
  });
  if (video.width && video.height) player.style.aspectRatio = `${video.width} / ${video.height}`;
  const note = h("div", { className: "vnb-video-note", role: "status" });
  const frame = h("div", { className: "vnb-video-frame" }, player, note);
  const caption = h("figcaption", { className: "vnb-video-caption", textContent: video.title });
  const urls = [];
  const asUrl = (blob) => {
    urls.push(URL.createObjectURL(blob));
    return urls.at(-1);
  };
  let wanted = null;
  const bytes = () => {
    wanted ??= wire
      .pull(video.key, (share) => {
        note.textContent =
          share < 1 ? wire.text("loading", { percent: Math.round(share * 100) }) : "";
      })
      .then(
        (blob) => {
          player.src = asUrl(blob);
          return blob;
        },
        (error) => {
          wanted = null; // it may be asked for again
          note.textContent = error.message;
          throw error;
        },
      );
    return wanted;
  };
  whenSeen(
    frame,
    () => {
      wire.pull(video.poster).then(
        (blob) => {
          player.poster = asUrl(blob);
        },
        () => {},
      );
      if (eager) bytes().catch(() => {});
    },
    wire.signal,
  );
  return {
    node: h("figure", { className: "vnb-figure" }, frame, single ? null : caption),
    frame,
    player,
    bytes,
    update: () => label(player, wire.text("video", { title: video.title })),
    stop() {
      player.pause();
      player.removeAttribute("src");
      urls.forEach((url) => {
        URL.revokeObjectURL(url);
      });
    },
  };
}

/** Play, pause and seek for several videos at once; the longest gives the time line. `screens` may
    change; one that is new there is told with `joined`. `loop`: they begin again together. */
export function sharedControls(wire, screens, { loop = false } = {}) {
  const players = () => screens.map((one) => one.player);
  const longest = () =>
    players().reduce((a, b) => ((b.duration || 0) > (a?.duration || 0) ? b : a), players()[0]);
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.001,
    value: 0,
    className: "vnb-seek",
  });
  const clock = h("span", { className: "vnb-clock" });
  let playing = false;
  let frame = 0;
  const corrected = new Map(); // when each was last moved: a slow machine is not kept busy with it
  const keepInStep = (one, lead) => {
    if (one === lead || one.seeking || lead.currentTime >= (one.duration || 0)) return;
    const apart = Math.abs(one.currentTime - lead.currentTime);
    if (apart > IN_STEP_S && performance.now() - (corrected.get(one) ?? -AGAIN_MS) >= AGAIN_MS) {
      corrected.set(one, performance.now());
      one.currentTime = lead.currentTime;
    }
    if (one.paused && !lead.paused) one.play().catch(() => {}); // it came later, or had ended
  };
  const tick = () => {
    const lead = longest();
    if (!lead) return;
    if (lead.duration) slider.value = lead.currentTime / lead.duration;
    const [now, all] = [lead.currentTime, lead.duration || 0].map((time) => time.toFixed(1));
    clock.textContent = wire.text("clock", { now, all });
    if (playing) for (const one of players()) keepInStep(one, lead);
    if (playing && lead.ended) set(loop);
    else if (playing) frame = requestAnimationFrame(tick);
  };
  const seek = (time) => {
    for (const one of players()) one.currentTime = Math.min(time, one.duration || time);
  };
  /** All stand at the same moment: that is what is compared. */
  const hold = () => {
    for (const one of players()) one.pause();
    if (screens.length && !longest().ended) seek(longest().currentTime);
    tick();
  };
  const set = (on) => {
    playing = on && screens.length > 0;
    update();
    cancelAnimationFrame(frame);
    if (!playing) return hold();
    if (longest().ended) seek(0);
    for (const one of players()) if (!one.ended) one.play().catch(() => set(false));
    tick();
  };
  const toggle = async () => {
    if (playing) return set(false);
    await Promise.allSettled(screens.map((one) => one.bytes()));
    set(true);
  };
  const play = button("vnb-primary", toggle);
  const restart = button("", () => {
    seek(0);
    tick();
  });
  const update = () => {
    say(play, wire.text(playing ? "pause" : "play"));
    say(restart, wire.text("restart"));
    label(slider, wire.text("position"));
  };
  slider.addEventListener("input", () => {
    seek(slider.value * (longest()?.duration || 0));
    tick();
  });
  const joined = (one) => {
    one.player.addEventListener("loadedmetadata", tick);
    if (playing) one.bytes().catch(() => {});
  };
  screens.forEach(joined);
  update();
  return {
    node: h("div", { className: "vnb-transport vnb-row" }, play, restart, slider, clock),
    update,
    joined,
    toggle,
    /** Goes back or forward by some seconds. */
    move: (seconds) => {
      seek(Math.max(0, (longest()?.currentTime ?? 0) + seconds));
      tick();
    },
    stop: () => set(false),
  };
}

/** Copies a text to the clipboard; where the browser forbids it, selects it to be copied by hand. */
async function copyText(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(shown);
    return false;
  }
}

/** The file's path, a button to copy it and one to save the video to the person's own computer. */
export function fileRow(wire, video, one) {
  const path = h("code", { className: "vnb-path", textContent: video.path });
  const said = h("span", { className: "vnb-said", role: "status" });
  const save = button("", async () => saveBlob(await one.bytes(), video.name));
  const loop = button("vnb-loop", () => {
    const over = one.player.ended; // what loops has never ended
    one.player.loop = !one.player.loop;
    label(loop, String(one.player.loop), "aria-pressed");
    if (!over || !one.player.loop) return;
    one.player.currentTime = 0;
    one.player.play().catch(() => {});
  });
  label(loop, "false", "aria-pressed");
  const copy = button("", async () => {
    said.textContent = wire.text((await copyText(video.path, path)) ? "copied" : "selected");
    setTimeout(() => {
      said.textContent = "";
    }, SAID_MS);
  });
  return {
    node: h("div", { className: "vnb-row vnb-file" }, save, loop, copy, path, said),
    update() {
      say(loop, wire.text("loop"));
      say(save, wire.text("save"));
      say(copy, wire.text("copy"));
    },
  };
}

/** Plays once without sound, unless the person wants less motion; then the sound is theirs again. */
function playOnce(node) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  node.muted = true;
  const done = () => {
    node.muted = false;
  };
  for (const event of ["ended", "pause"]) node.addEventListener(event, done, { once: true });
  node.play().catch(done); // a browser that forbids it leaves the poster
}

/** The keys of other players: K or Space plays, J and L go back and forward. */
function keys(node, single) {
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target;
    const moves = { j: -STEP_S, l: STEP_S }[event.key.toLowerCase()];
    const plays = event.key === "k" || (event.key === " " && on.tagName === "VIDEO");
    const videos = single && on.tagName === "VIDEO" ? [on] : [...node.querySelectorAll("video")];
    if (!moves && !plays) return;
    event.preventDefault();
    event.stopPropagation();
    if (moves) for (const one of videos) one.currentTime = Math.max(0, one.currentTime + moves);
    else if (!single) node.querySelector(".vnb-transport button").click();
    else for (const one of videos) one.paused ? one.play().catch(() => {}) : one.pause();
  });
}

/** The screens of `state.videos`, built anew only when they are others. `play`: the one, once. */
export function player(wire, { play = false } = {}) {
  const node = h("div", { className: "vnb-player" });
  let parts = [];
  let shown = "";
  const stop = () => {
    for (const part of parts) part.stop?.();
  };
  const build = (videos) => {
    stop();
    const single = videos.length === 1;
    const screens = videos.map((video) => screen(wire, video, { single }));
    const grid = h("div", { className: "vnb-screens" }, ...screens.map((one) => one.node));
    grid.style.setProperty("--vnb-columns", Math.min(videos.length, 3) || 1);
    const controls = [];
    if (single) controls.push(fileRow(wire, videos[0], screens[0]));
    if (videos.length > 1) controls.push(sharedControls(wire, screens));
    node.replaceChildren(grid, ...controls.map((one) => one.node));
    if (play && single) {
      play = false; // only the first there is: none is known while the file is being fetched
      screens[0].bytes().then(
        () => playOnce(screens[0].player),
        () => {},
      );
    }
    parts = [...screens, ...controls];
  };
  wire.watch(({ videos }) => {
    const now = JSON.stringify(videos);
    if (now !== shown) {
      shown = now;
      build(videos);
    }
    for (const part of parts) part.update?.();
  });
  keys(node, wire.state().part !== "compare");
  wire.signal.addEventListener("abort", stop);
  return node;
}
