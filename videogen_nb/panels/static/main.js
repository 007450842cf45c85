// The one script of all panels: the kernel says which part the model is, and it is drawn.

import { batch } from "./batch.js";
import { classroom } from "./classroom.js";
import { h, label } from "./dom.js";
import { gallery } from "./gallery.js";
import { grid } from "./grid.js";
import { kernelLine } from "./kernel.js";
import { restoreHearing } from "./late_load.js";
import { connect } from "./messages.js";
import { progress } from "./progress.js";
import { prompt } from "./prompt.js";
import { storyboard } from "./storyboard.js";
import { studio } from "./studio.js";
import { task, tasks } from "./task.js";
import { upload } from "./upload.js";
import { url } from "./url.js";
import { compare, video } from "./video.js";

const PARTS = {
  batch,
  class: classroom,
  compare,
  gallery,
  grid,
  last_frame: upload,
  progress,
  prompt,
  storyboard,
  studio,
  task,
  tasks,
  upload,
  url,
  video,
};

function render({ model, el }) {
  const end = new AbortController();
  const wire = connect(model, end.signal);
  const root = h("section", {
    className: "vnb-panel",
    role: "group",
    "data-lm-suppress-shortcuts": "true",
  });
  root.append(kernelLine(wire, root), PARTS[wire.state().part](wire));
  wire.watch((state) => {
    label(root, state.label);
    label(root, state.language, "lang");
  });
  el.append(root);
  restoreHearing(model).then((deaf) => {
    if (deaf) wire.ask({ op: "hello", again: true }); // for what it has missed
  });
  return () => {
    end.abort();
    root.remove();
  };
}

export default { render };
