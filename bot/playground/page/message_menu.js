import { download } from "./attachments.js";
import { el } from "./element.js";
import { popup } from "./popup.js";

const LONG_PRESS_MS = 500;

/** What can be done with a message. `calls`: reply, edit, copy, forward, select; each takes the message. */
export function messageMenu(message, anchor, say, calls) {
  const text = message.text ?? message.caption;
  const items = [{ icon: "reply", label: say("reply"), run: () => calls.reply(message) }];
  if (message.out && message.text && !message.forward_origin) {
    items.push({ icon: "edit", label: say("edit"), run: () => calls.edit(message) });
  }
  if (text) {
    items.push({ icon: "copy", label: say("copy"), run: () => calls.copy(text) });
    items.push({ icon: "forward", label: say("forward"), run: () => calls.forward([message]) });
    items.push({ icon: "check", label: say("select"), run: () => calls.select(message) });
  }
  const file = download(message);
  if (file) {
    const save = () => el("a", { href: file.href, download: file.name }).click();
    items.push({ icon: "download", label: say("download"), run: save });
  }
  popup(anchor, items, say("messageMenu"));
}

/** Right click and, on touch screens, a long press on a message call `open(messageId, point)`. */
export function listenForMenu(element, open) {
  const idOf = (target) => Number(target.closest?.(".row[data-id]")?.dataset.id) || null;
  let timer = null;
  const cancel = () => clearTimeout(timer);
  element.addEventListener("contextmenu", (event) => {
    const id = idOf(event.target);
    if (!id || event.target.closest("a") || !getSelection().isCollapsed) return;
    event.preventDefault();
    cancel();
    open(id, { x: event.clientX, y: event.clientY });
  });
  element.addEventListener("touchstart", (event) => {
    const id = idOf(event.target);
    const [touch] = event.touches;
    if (id && !event.target.closest("a, button")) {
      timer = setTimeout(() => open(id, { x: touch.clientX, y: touch.clientY }), LONG_PRESS_MS);
    }
  }, { passive: true });
  for (const name of ["touchend", "touchmove", "touchcancel"]) element.addEventListener(name, cancel, { passive: true });
}
