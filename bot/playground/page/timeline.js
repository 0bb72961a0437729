import { bubble } from "./bubble.js";
import { dayKey, dayName } from "./dates.js";
import { calm, el } from "./element.js";

const GROUP_SECONDS = 300;
const WINDOW = 120;

/**
 * The messages of one chat, in order of their ids, with day separators and grouping. Pending
 * bubbles and the live one stand after them, in `tail`. All messages are known, but only those from
 * `floor` on have elements: a long history must not slow down the end of it.
 */
export class Timeline {
  constructor(actions, keyboards) {
    this.actions = actions;
    this.keyboards = keyboards;
    this.messages = new Map();
    this.rows = new Map();
    this.floor = null;
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
      const rest = [...this.rows].find(([, other]) => row && other === row);
      if (rest) this.#show(this.messages.get(rest[0]));
      else if (row) leave(row);
    }
    this.#arrange();
  }

  /** Make the timeline equal to what the server has, touching only what differs. */
  become(messages) {
    const kept = new Set(messages.map((message) => message.message_id));
    const gone = [...this.messages.keys()].filter((id) => !kept.has(id));
    if (gone.length) this.remove(gone);
    this.floor ??= messages.at(-WINDOW)?.message_id ?? 0;
    for (const message of messages) this.#place(message);
    this.#arrange();
  }

  /** Give elements to some more of the past. False when all of it has them. */
  showOlder() {
    const hidden = this.ordered.filter((message) => message.message_id < this.floor);
    if (!hidden.length) return false;
    this.floor = hidden.length > WINDOW ? hidden.at(-WINDOW).message_id : 0;
    for (const message of hidden.slice(-WINDOW)) this.#show(message);
    this.#arrange();
    return true;
  }

  jump(messageId) {
    if (!this.messages.has(messageId)) return;
    while (!this.rows.has(messageId) && this.showOlder());
    const row = this.rows.get(messageId);
    row.scrollIntoView({ block: "center", behavior: calm() ? "instant" : "smooth" });
    row.classList.remove("pointed");
    requestAnimationFrame(() => row.classList.add("pointed"));
  }

  /** Returns {element, isNew}, or null when there is nothing to show. */
  #place(message) {
    const id = message.message_id;
    const known = this.messages.get(id);
    if (known && JSON.stringify(known) === JSON.stringify(message)) return null;
    this.messages.set(id, message);
    return id < this.floor ? null : this.#show(message);
  }

  #show(message) {
    const album = this.#album(message);
    const [{ message_id: id }] = album;
    const element = bubble(album, this.actions, this.keyboards);
    const standing = album.map((one) => this.rows.get(one.message_id)).find(Boolean);
    for (const one of album) this.rows.set(one.message_id, element);
    if (standing) {
      element.classList.toggle("selected", standing.classList.contains("selected"));
      standing.replaceWith(element);
    } else {
      this.#insert(id, element);
    }
    return { element, isNew: !standing };
  }

  /** Messages that were sent as one album share a row; those before `floor` join it when shown. */
  #album(message) {
    const group = message.media_group_id;
    if (!group) return [message];
    return this.ordered.filter((one) => one.media_group_id === group && one.message_id >= this.floor);
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
      if (!row || Number(row.dataset.id) !== message.message_id) continue;
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
