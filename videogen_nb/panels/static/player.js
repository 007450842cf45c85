// Plays one video, or several side by side in step. The bytes come from the kernel, so it works
// behind any prefix and in Voilà; they are asked for when the player comes into view.

/** One video: poster, video element, and what is known while its bytes arrive. */
function screen(model, clip, poster, single) {
  const word = (name, values = {}) => fill(model.get("words")[name], values);
  const video = h("video", { controls: single, playsInline: true, preload: "metadata", loop: false });
  video.className = "vnb-video";
  video.setAttribute("aria-label", word("video", { title: clip.title }));
  if (clip.width && clip.height) video.style.aspectRatio = `${clip.width} / ${clip.height}`;
  const urls = [];
  const asUrl = (blob) => {
    const url = URL.createObjectURL(blob);
    urls.push(url);
    return url;
  };
  if (poster) video.poster = asUrl(new Blob([poster], { type: "image/jpeg" }));
  const note = h("div", { className: "vnb-video-note", role: "status" });
  const frame = h("div", { className: "vnb-video-frame" }, video, note);
  const caption = h("figcaption", { className: "vnb-video-caption", textContent: clip.title, hidden: single });
  let wanted = null;
  const bytes = () => {
    wanted ??= pull(model, clip.key, (share) => {
      note.textContent = share < 1 ? word("loading", { percent: Math.round(share * 100) }) : "";
    }).then((blob) => {
      video.src = asUrl(blob);
      return blob;
    }, (error) => {
      wanted = null; // it may be asked for again
      note.textContent = error.message;
      throw error;
    });
    return wanted;
  };
  return {
    node: h("figure", { className: "vnb-figure" }, frame, caption),
    frame, video, bytes,
    stop() {
      video.pause();
      video.removeAttribute("src");
      urls.forEach((url) => URL.revokeObjectURL(url));
    },
  };
}

/** Play, pause and seek for several videos at once; the longest gives the time line. */
function sharedControls(screens, word) {
  const videos = screens.map((one) => one.video);
  const longest = () => videos.reduce((a, b) => ((b.duration || 0) > (a.duration || 0) ? b : a));
  const play = h("button", { type: "button", className: "vnb-button vnb-primary" });
  const restart = h("button", { type: "button", className: "vnb-button", textContent: word("restart") });
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.001, value: 0, className: "vnb-seek" });
  slider.setAttribute("aria-label", word("position"));
  const clock = h("span", { className: "vnb-clock" });
  let playing = false;
  let frame = 0;
  const tick = () => {
    const lead = longest();
    if (lead.duration) slider.value = lead.currentTime / lead.duration;
    clock.textContent = `${lead.currentTime.toFixed(1)} / ${(lead.duration || 0).toFixed(1)} s`;
    for (const video of videos) {
      const late = Math.abs(video.currentTime - lead.currentTime);
      if (playing && late > 0.12 && lead.currentTime < (video.duration || 0)) video.currentTime = lead.currentTime;
    }
    if (playing && lead.ended) set(false);
    if (playing) frame = requestAnimationFrame(tick);
  };
  const seek = (time) => videos.forEach((video) => {
    video.currentTime = Math.min(time, video.duration || time);
  });
  const set = (on) => {
    playing = on;
    play.textContent = word(on ? "pause" : "play");
    cancelAnimationFrame(frame);
    if (!on) return videos.forEach((video) => video.pause());
    if (longest().ended) seek(0);
    videos.forEach((video) => { if (!video.ended) video.play().catch(() => set(false)); });
    tick();
  };
  play.addEventListener("click", async () => {
    if (playing) return set(false);
    await Promise.allSettled(screens.map((one) => one.bytes()));
    set(true);
  });
  restart.addEventListener("click", () => { seek(0); tick(); });
  slider.addEventListener("input", () => { seek(slider.value * (longest().duration || 0)); tick(); });
  videos.forEach((video) => video.addEventListener("loadedmetadata", tick));
  set(false);
  return {
    node: h("div", { className: "vnb-transport vnb-row" }, play, restart, slider, clock),
    stop: () => set(false),
  };
}

/** Copies words to the clipboard; where the browser forbids it, selects them to be copied by hand. */
async function copyWords(words, shown) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    getSelection().selectAllChildren(shown);
    return false;
  }
}

/** The file's path, a button to copy it and one to save the video to the person's own computer. */
function fileRow(model, clip, one, word) {
  const save = h("button", { type: "button", className: "vnb-button", textContent: word("save") });
  const copy = h("button", { type: "button", className: "vnb-button", textContent: word("copy") });
  const path = h("code", { className: "vnb-path", textContent: clip.path });
  const said = h("span", { className: "vnb-said", role: "status" });
  save.addEventListener("click", async () => saveBlob(await one.bytes(), clip.name));
  copy.addEventListener("click", async () => {
    said.textContent = word((await copyWords(clip.path, path)) ? "copied" : "selected");
    setTimeout(() => { said.textContent = ""; }, 4000);
  });
  return h("div", { className: "vnb-row vnb-file" }, save, copy, path, said);
}

function render({ model, el }) {
  const heard = listener(model);
  const root = h("div", { className: "vnb-player" });
  el.classList.add("vnb-alive");
  el.append(root);
  let undo = () => {};

  const build = () => {
    undo();
    const clips = model.get("videos");
    const word = (name, values = {}) => fill(model.get("words")[name], values);
    const single = clips.length === 1;
    const posters = model.get("posters");
    const screens = clips.map((clip, i) => screen(model, clip, posters[i], single));
    const grid = h("div", { className: "vnb-screens" }, ...screens.map((one) => one.node));
    grid.style.setProperty("--vnb-columns", Math.min(clips.length, 3) || 1);
    const controls = clips.length > 1 ? sharedControls(screens, word) : null;
    root.replaceChildren(grid);
    if (controls) root.append(controls.node);
    if (single) root.append(fileRow(model, clips[0], screens[0], word));
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        screens.find((one) => one.frame === entry.target)?.bytes().catch(() => {});
      }
    });
    screens.forEach((one) => seen.observe(one.frame));
    undo = () => {
      seen.disconnect();
      if (controls) controls.stop();
      screens.forEach((one) => one.stop());
    };
  };
  const resay = () => build();
  heard.on("change:videos", build);
  heard.on("change:words", resay);
  build();
  return () => {
    heard.stop();
    undo();
  };
}

export default { render };
