import { fileAddress } from "./api.js";
import { el, icon, iconButton } from "./element.js";

/** Photos over the whole page, one at a time. `photos`: {fileId, caption}; arrows walk, Escape closes. */
export function viewPhotos(photos, start, say) {
  let at = start;
  const image = el("img", { alt: say("photo") });
  const caption = el("p", { class: "viewer-caption", dir: "auto" });
  const count = el("span", { class: "viewer-count", "aria-live": "polite" });
  const save = el("a", { class: "icon-button", "aria-label": say("download"), title: say("download"), download: "" }, icon("download"));
  const walk = (step) => {
    at = (at + step + photos.length) % photos.length;
    show();
  };
  const many = photos.length > 1;
  const dialog = el(
    "dialog",
    { class: "viewer", "aria-label": say("photo"), on: { close: () => dialog.remove(), keydown: key, click: outside } },
    el("header", { class: "viewer-head" }, count, save, iconButton("close", say("close"), () => dialog.close())),
    many && iconButton("back", say("previous"), () => walk(-1), "viewer-back"),
    el("figure", { class: "viewer-stage" }, image, caption),
    many && iconButton("back", say("next"), () => walk(1), "viewer-next"),
  );

  function key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && many) walk(step);
  }
  function outside(event) {
    if (!event.target.closest("img, a, button, .viewer-caption")) dialog.close();
  }
  function show() {
    const photo = photos[at];
    image.src = fileAddress(photo.fileId);
    save.href = image.src;
    caption.textContent = photo.caption ?? "";
    caption.hidden = !photo.caption;
    count.textContent = many ? say("photoOf", { at: at + 1, all: photos.length }) : "";
  }
  show();
  document.body.append(dialog);
  dialog.showModal();
}
