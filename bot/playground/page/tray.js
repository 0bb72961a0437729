import { el, icon, iconButton } from "./element.js";
import { fileSize } from "./file_size.js";
import { ALBUM, letGo, MOST_BYTES, MOST_FILES, pick } from "./picking.js";

/**
 * What will be sent with the next message: chosen, dropped or pasted files, seen before they go.
 * `calls`: changed(), toast(text).
 */
export class Tray {
  constructor(say, calls) {
    this.say = say;
    this.calls = calls;
    this.items = [];
    this.input = el("input", { type: "file", multiple: true, hidden: true, class: "file-input", on: { change: () => this.#chosen() } });
    this.button = iconButton("clip", say("attach"), () => this.input.click(), "attach");
    this.list = el("ul", { class: "tray-list", "aria-label": say("attached"), "aria-live": "polite" });
    this.asFiles = el("input", { type: "checkbox", class: "as-files", on: { change: () => this.#show() } });
    this.choice = el("label", { class: "tray-choice" }, this.asFiles, el("span", {}, say("asFiles")));
    this.element = el("div", { class: "tray", hidden: true }, this.list, this.choice);
  }

  get empty() {
    return this.items.length === 0;
  }

  /** Files that cannot be sent are named with the reason; the others are added. */
  async add(files) {
    const refused = [];
    for (const file of files) {
      if (this.items.length >= MOST_FILES) {
        refused.push(this.say("tooMany", { n: MOST_FILES }));
        break;
      }
      try {
        this.items.push(await pick(file));
        this.#show();
      } catch (error) {
        refused.push(this.say(error.message, { name: error.fileName, size: fileSize(MOST_BYTES, this.say) }));
      }
    }
    if (refused.length) this.calls.toast(refused.slice(0, 3).join("\n"));
  }

  /** The batches to send, each one message or one album: {kind, items}. The tray is empty then. */
  take() {
    const asFiles = this.asFiles.checked;
    const kindOf = (item) => (asFiles ? "document" : item.kind);
    const shown = this.items.filter((item) => kindOf(item) === "photo");
    const batches = [];
    for (let at = 0; at < shown.length; at += ALBUM) batches.push({ kind: "photo", items: shown.slice(at, at + ALBUM) });
    for (const item of this.items) if (kindOf(item) !== "photo") batches.push({ kind: kindOf(item), items: [item] });
    this.items = [];
    this.asFiles.checked = false;
    this.#show();
    return batches;
  }

  clear() {
    this.items.forEach(letGo);
    this.items = [];
    this.#show();
  }

  #chosen() {
    const files = [...this.input.files];
    this.input.value = "";
    this.add(files);
  }

  #show() {
    const photos = !this.asFiles.checked;
    this.list.replaceChildren(...this.items.map((item) => this.#tile(item, photos && item.url)));
    this.choice.hidden = !this.items.some((item) => item.url);
    this.element.hidden = this.empty;
    this.calls.changed();
  }

  #tile(item, picture) {
    const { name, size } = item.file;
    const remove = iconButton("close", `${this.say("remove")}: ${name}`, () => this.#remove(item), "tile-remove");
    if (picture) return el("li", { class: "tile photo-tile", title: name }, el("img", { src: item.url, alt: name }), remove);
    const sign = { audio: "note", video: "video" }[item.kind] ?? "file";
    return el(
      "li",
      { class: "tile file-tile", title: name },
      icon(sign),
      el("span", { class: "tile-words" }, el("span", { class: "tile-name", dir: "auto" }, name), el("span", { class: "tile-size" }, fileSize(size, this.say))),
      remove,
    );
  }

  #remove(item) {
    letGo(item);
    const at = this.items.indexOf(item);
    this.items.splice(at, 1);
    this.#show();
    const next = this.list.children[Math.min(at, this.items.length - 1)]?.querySelector("button");
    (next ?? this.button).focus();
  }
}
