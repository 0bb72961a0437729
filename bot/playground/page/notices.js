import { el } from "./element.js";

const TOAST_MS = 4_000;
const PER_LETTER_MS = 40;

/** Short words that pass by themselves, and alerts that wait to be read. */
export class Notices {
  constructor(container) {
    this.container = container;
  }

  toast(text) {
    const node = el("div", { class: "toast", dir: "auto" }, text);
    this.container.replaceChildren(node);
    setTimeout(() => {
      node.classList.add("leaving");
      setTimeout(() => node.remove(), 250);
    }, TOAST_MS + Math.min(text.length, 200) * PER_LETTER_MS);
  }

  alert(text, say) {
    const button = el("button", { class: "button primary", value: "ok", autofocus: true }, say("understood"));
    const dialog = el(
      "dialog",
      { class: "dialog alert", role: "alertdialog", "aria-label": text, on: { close: () => dialog.remove() } },
      el("form", { method: "dialog" }, el("p", { dir: "auto" }, text), el("div", { class: "dialog-buttons" }, button)),
    );
    document.body.append(dialog);
    dialog.showModal();
  }
}
