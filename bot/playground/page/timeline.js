import { bubble } from "./bubble.js";
import { dayKey, dayName } from "./dates.js";
import { calm, el } from "./element.js";

const GROUP_SECONDS = 300;

/**
 * The messages of one chat, in order of their ids, with day separators and grouping. Pending
 * bubbles and the live one stand after them, in `tail`.
 */
export class Timeline {
  constructor(actions, keyboards) {
    this.actions = actions;
    this.keyboards = keyboards;
    this.messages = new Map();
    this.rows = new Map();
    this.list = el("div", { class: "list" });
    this.tail = el("div", { class: "list tail" });
    this.element = el(
      "div",
      { class: "timeline", role: "log", "aria-label": actions.say("messages") },
      this.list,
      this.tail,
    );
  }

  get ordered() {
    return [...this.messages.keys()].sort((a, b) => a - b).map((id) => this.messages.get(id));
  }

  get(messageId) {
    return this.messages.get(messageId);
  }

  /** Insert or replace. `instead` is an element (the live bubble) whose place the message takes. */
  put(message, instead = null) {
    const row = this.#place(message);
    if (row && row.isNew && !instead) row.element.classList.add("arriving");
    instead?.remove();
    if (row) this.#arrange();
  }

  remove(messageIds) {
    for (const id of messageIds) {
      this.messages.delete(id);
      const row = this.rows.get(id);
      this.rows.delete(id);
      if (row) leave(row);
    }
    this.#arrange();
  }

  /** Make the timeline equal to what the server has, touching only what differs. */
  become(messages) {
    const kept = new Set(messages.map((message) => message.message_id));
    const gone = [...this.messages.keys()].filter((id) => !kept.has(id));
    if (gone.length) this.remove(gone);
    for (const message of messages) this.#place(message);
    this.#arrange();
  }

  jump(messageId) {
    const row = this.rows.get(messageId);
    if (!row) return;
    row.scrollIntoView({ block: "center", behavior: calm() ? "instant" : "smooth" });
    row.classList.remove("pointed");
    requestAnimationFrame(() => row.classList.add("pointed"));
  }

  #place(message) {
    const id = message.message_id;
    const known = this.messages.get(id);
    if (known && JSON.stringify(known) === JSON.stringify(message)) return null;
    const element = bubble(message, this.actions, this.keyboards);
    const standing = this.rows.get(id);
    this.messages.set(id, message);
    this.rows.set(id, element);
    if (standing) {
      element.classList.toggle("selected", standing.classList.contains("selected"));
      standing.replaceWith(element);
    } else {
      this.#insert(id, element);
    }
    return { element, isNew: !standing };
  }

  #insert(id, row) {
    let before = this.list.lastElementChild;
    while (before && !(Number(before.dataset.id) < id)) before = before.previousElementSibling;
    if (before) before.after(row);
    else this.list.prepend(row);
  }

  /** Day separators and the tightness of neighbours follow from the order alone. */
  #arrange() {
    for (const separator of this.list.querySelectorAll(".day")) {
      const next = separator.nextElementSibling;
      const previous = this.messages.get(Number(separator.previousElementSibling?.dataset.id));
      const message = this.messages.get(Number(next?.dataset.id));
      const stillTrue = message && separator.dataset.day === dayKey(message.date);
      if (!stillTrue || (previous && dayKey(previous.date) === separator.dataset.day)) separator.remove();
    }
    let previous = null;
    for (const message of this.ordered) {
      const row = this.rows.get(message.message_id);
      const newDay = !previous || dayKey(previous.date) !== dayKey(message.date);
      const joined = !newDay && previous.out === message.out && message.date - previous.date < GROUP_SECONDS;
      row.classList.toggle("joined", joined);
      if (newDay && !row.previousElementSibling?.classList.contains("day")) {
        row.before(el("div", { class: "day", data: { day: dayKey(message.date) } }, el("span", {}, dayName(message.date, this.actions.say))));
      }
      previous = message;
    }
  }
}

function leave(row) {
  if (calm()) return row.remove();
  delete row.dataset.id;
  row.classList.add("leaving");
  row.addEventListener("animationend", () => row.remove(), { once: true });
  setTimeout(() => row.remove(), 400);
}
