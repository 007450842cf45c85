// A model that never hears its kernel, and how it is made to.
//
// anywidget handles what the kernel sends once the script is loaded. Where loading takes more than
// two seconds, as on a slow machine, it never does, but draws the panel all the same. The handler
// that its model inherits waits for nothing.

const ASIDE = "videogen_nb_aside"; // a value that nobody reads
const NOTHING = { content: { data: { method: "custom", content: { op: "none" } } }, buffers: [] };

/** The model itself: anywidget gives only some of its methods, but events name it. */
function modelBehind(model) {
  let found;
  const note = (changed) => {
    found = changed;
  };
  model.on(`change:${ASIDE}`, note);
  model.set?.(ASIDE, {});
  model.off(`change:${ASIDE}`, note);
  return found;
}

/** The method that an object's class has replaced; undefined where there is none. */
function inherited(object, name) {
  let owner = object;
  while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner && Object.getPrototypeOf(owner)?.[name];
}

/** Makes a deaf model hear; resolves to whether it was deaf. Other front ends are left alone. */
export async function restoreHearing(model) {
  const behind = modelBehind(model);
  const hear = inherited(behind, "_handle_comm_msg")?.bind(behind);
  if (!hear || !behind.comm?.on_msg) return false;
  try {
    await behind._handle_comm_msg(NOTHING);
    return false;
  } catch {
    behind._handle_comm_msg = hear;
    behind.comm.on_msg(hear);
    return true;
  }
}
