import { el, icon, iconButton } from "./element.js";

/** Choosing several messages; the bar takes the composer's place. `calls`: forward(ids), copy(ids), changed(). */
export class Selection {
  constructor(timeline, say, calls) {
    this.timeline = timeline;
    this.say = say;
    this.calls = calls;
    this.ids = new Set();
    this.count = el("span", { class: "selection-count", "aria-live": "polite" });
    const act = (name) => () => {
      const ids = [...this.ids].sort((a, b) => a - b);
      this.clear();
      calls[name](ids);
    };
    this.element = el(
      "div",
      { class: "selection", hidden: true },
      iconButton("close", say("cancel"), () => this.clear()),
      this.count,
      el("button", { type: "button", class: "button", on: { click: act("copy") } }, icon("copy"), say("copy")),
      el("button", { type: "button", class: "button primary", on: { click: act("forward") } }, icon("forward"), say("forward")),
    );
    timeline.element.addEventListener("click", (event) => this.#click(event), true);
  }

  get active() {
    return this.ids.size > 0;
  }

  toggle(id) {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#show();
  }

  forget(ids) {
    for (const id of ids) this.ids.delete(id);
    this.#show();
  }

  clear() {
    this.ids.clear();
    this.#show();
  }

  #click(event) {
    if (!this.active) return;
    const id = Number(event.target.closest(".row[data-id]")?.dataset.id);
    if (!id) return;
    event.preventDefault();
    event.stopPropagation();
    this.toggle(id);
  }

  #show() {
    for (const row of this.timeline.rows.values()) row.classList.toggle("selected", this.ids.has(Number(row.dataset.id)));
    this.timeline.element.classList.toggle("selecting", this.active);
    this.element.hidden = !this.active;
    if (this.active) this.count.textContent = this.say("selected", { n: this.ids.size });
    this.calls.changed(this.active);
  }
}
