import { metaBelow, textBlock } from "./bubble.js";
import { calm, el, icon } from "./element.js";

const ACTION_MS = 6_000;
const LEAVE_MS = 400;
const CATCH_UP_MS = 450;
const FRAME_MS = 33;

/**
 * The bubble of what the bot is doing right now: typing, thinking, or writing a draft that grows.
 * One element goes through all of these and gives its place to the final message.
 */
export class Live {
  /** `actions` as for bubbles, and stop(draftId); `place(element)` puts it at the end of the timeline. */
  constructor(actions, place) {
    this.actions = actions;
    this.place = place;
    this.draft = null;
    this.row = null;
    this.shown = 0;
    this.frame = 0;
    this.timers = {};
  }

  typing(isTyping) {
    clearTimeout(this.timers.action);
    if (this.draft) return;
    if (!isTyping) return this.leave();
    this.#appear();
    this.row.dataset.state = "typing";
    this.body.replaceChildren(dots());
    this.timers.action = setTimeout(() => this.leave(), ACTION_MS);
  }

  /** `instantly` skips the typing effect: a draft met on arrival has been read by nobody before. */
  show(draft, instantly = false) {
    clearTimeout(this.timers.action);
    const previous = this.draft;
    const same = previous?.draft_id === draft.draft_id;
    this.shown = instantly ? draft.text.length : same ? Math.min(this.shown, commonStart(previous.text, draft.text)) : 0;
    this.draft = draft;
    this.#appear();
    if (!same) this.#stopButton(draft.draft_id);
    this.stop.hidden = !draft.can_stop;
    if (draft.text) {
      this.row.dataset.state = "writing";
      this.#grow();
    } else {
      this.row.dataset.state = "thinking";
      this.body.replaceChildren(dots(), el("span", { class: "thinking" }, this.actions.say("thinking")));
    }
  }

  /** Draft gone or action over. A final message usually comes right after, so the bubble waits for it. */
  leave() {
    clearTimeout(this.timers.leave);
    if (this.row) this.timers.leave = setTimeout(() => this.remove(), LEAVE_MS);
  }

  /** Hand the place over: the caller puts the final message where the returned element stood. */
  take() {
    const row = this.row;
    this.#reset();
    return row;
  }

  remove() {
    this.take()?.remove();
  }

  #reset() {
    cancelAnimationFrame(this.frame);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.draft = null;
    this.row = null;
    this.frame = 0;
    this.shown = 0;
  }

  #appear() {
    clearTimeout(this.timers.leave);
    if (this.row) return;
    this.body = el("div", { class: "live-body" });
    this.stop = el("button", { type: "button", class: "stop", hidden: true });
    const bubble = el("div", { class: "bubble" }, this.body);
    const line = el("div", { class: "bubble-line" }, bubble);
    this.row = el("article", { class: "row in live", "aria-busy": "true" }, el("div", { class: "stack" }, line, this.stop));
    this.place(this.row);
  }

  #stopButton(draftId) {
    const { say, stop } = this.actions;
    const button = el("button", { type: "button", class: "stop" }, icon("stop"), say("stop"));
    button.addEventListener("click", () => {
      button.disabled = true;
      button.replaceChildren(el("span", { class: "spinner" }), say("stopping"));
      stop(draftId);
    });
    this.stop.replaceWith(button);
    this.stop = button;
  }

  #grow() {
    const target = this.draft.text.length;
    if (calm() || document.hidden) this.shown = target;
    if (this.shown >= target) return this.#draw();
    if (this.frame) return;
    let before = performance.now();
    const step = (now) => {
      if (!this.draft) return;
      const left = this.draft.text.length - this.shown;
      if (now - before >= FRAME_MS) {
        this.shown += Math.min(left, Math.max(1, Math.ceil((left * (now - before)) / CATCH_UP_MS)));
        before = now;
        this.#draw();
      }
      this.frame = this.shown < this.draft.text.length ? requestAnimationFrame(step) : 0;
    };
    this.frame = requestAnimationFrame(step);
  }

  #draw() {
    const { text, entities } = this.draft;
    const end = this.shown + (isHighSurrogate(text, this.shown) ? 1 : 0);
    const block = textBlock(text.slice(0, end), entities, this.actions);
    block.classList.toggle("caret-below", metaBelow({ text: text.slice(0, end), entities }));
    block.append(el("span", { class: "caret", "aria-hidden": "true" }));
    this.body.replaceChildren(block);
  }
}

const isHighSurrogate = (text, at) => at > 0 && /[\uD800-\uDBFF]/.test(text[at - 1] ?? "");

function commonStart(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

function dots() {
  return el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
}
