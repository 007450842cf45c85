// Fetching bytes from the kernel, piece by piece: works wherever the widgets themselves do, with
// no file server, no URL prefix and no size limit of a single message.

const PULL_PATIENCE_MS = 15000;

/** Asks the kernel for `key`; resolves to a Blob. `onProgress(0–1)`. Rejects with words. */
function pull(model, key, onProgress = () => {}) {
  return new Promise((resolve, reject) => {
    const ticket = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const pieces = [];
    let offset = 0;
    let timer = 0;
    const ask = () => {
      model.send({ op: "pull", key, offset, ticket });
      clearTimeout(timer);
      timer = setTimeout(ask, PULL_PATIENCE_MS); // a lost answer is asked for again
    };
    const done = (settle, value) => {
      clearTimeout(timer);
      model.off("msg:custom", hear);
      settle(value);
    };
    const hear = (message, buffers) => {
      if (message.ticket !== ticket) return;
      if (message.op === "nothing") return done(reject, new Error(message.why));
      if (message.op !== "piece" || message.offset !== offset) return;
      const piece = buffers[0];
      pieces.push(piece);
      offset += piece.byteLength;
      onProgress(message.size ? offset / message.size : 1);
      if (offset >= message.size) return done(resolve, new Blob(pieces, { type: message.type }));
      ask();
    };
    model.on("msg:custom", hear);
    ask();
  });
}

/** Hands a Blob to the browser's downloads under `name`. */
function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
