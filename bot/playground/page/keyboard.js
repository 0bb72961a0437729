import { el, icon } from "./element.js";
import { openable } from "./links.js";

const ANSWER_MS = 15_000;
const STYLES = new Set(["primary", "success", "danger"]);

/**
 * Inline keyboards of one chat and the presses that wait for an answer. A press outlives the
 * button's element: an edited keyboard that still has the button still shows it as pressed.
 */
export class Keyboards {
  /** `press(messageId, data)` resolves to a callback query id; `copy(text)`; `refused(error)`; `late()`. */
  constructor({ press, copy, refused, late }) {
    this.calls = { press, copy, refused, late };
    this.waiting = new Map();
    this.answered = new Set();
  }

  render(message) {
    const rows = message.reply_markup?.inline_keyboard ?? [];
    if (!rows.length) return null;
    const lines = rows.map((row) =>
      el("div", { class: "keyboard-row" }, row.map((button) => this.#button(message.message_id, button))),
    );
    return el("div", { class: "keyboard" }, lines);
  }

  /** The bot answered; its words are shown elsewhere. An answer may outrun the press's own response. */
  answer(queryId) {
    this.answered.add(queryId);
    for (const [key, press] of this.waiting) if (press.queryId === queryId) this.#release(key);
  }

  close() {
    for (const key of [...this.waiting.keys()]) this.#release(key);
  }

  #button(messageId, button) {
    const style = STYLES.has(button.style) ? ` ${button.style}` : "";
    const label = el("span", { class: "key-label", dir: "auto" }, button.text);
    if (button.url) {
      const href = openable(button.url);
      if (href) {
        const attributes = { class: `key${style}`, href, target: "_blank", rel: "noopener noreferrer", title: href };
        return el("a", attributes, label, icon("outward"));
      }
    }
    const works = button.callback_data !== undefined || button.copy_text;
    const node = el("button", { type: "button", class: `key${style}`, disabled: Boolean(button.disabled) || !works }, label);
    if (button.copy_text) {
      node.append(icon("copy"));
      node.addEventListener("click", () => this.calls.copy(button.copy_text.text));
    } else if (works) {
      const key = `${messageId}:${button.callback_data}`;
      node.dataset.key = key;
      node.append(el("span", { class: "spinner" }));
      this.#show(node, this.waiting.has(key));
      node.addEventListener("click", () => this.#press(key, messageId, button.callback_data));
    }
    return node;
  }

  async #press(key, messageId, data) {
    if (this.waiting.has(key)) return;
    const press = { queryId: null, timer: setTimeout(() => this.#late(key), ANSWER_MS) };
    this.waiting.set(key, press);
    this.#mark(key, true);
    try {
      press.queryId = (await this.calls.press(messageId, data)).callback_query_id;
      if (this.answered.has(press.queryId) && this.waiting.get(key) === press) this.#release(key);
    } catch (error) {
      this.#release(key);
      this.calls.refused(error);
    }
  }

  #late(key) {
    this.#release(key);
    this.calls.late();
  }

  #release(key) {
    clearTimeout(this.waiting.get(key)?.timer);
    this.waiting.delete(key);
    this.#mark(key, false);
  }

  #mark(key, pressed) {
    for (const node of document.querySelectorAll(`.key[data-key="${CSS.escape(key)}"]`)) this.#show(node, pressed);
  }

  #show(node, pressed) {
    node.classList.toggle("pressed", pressed);
    node.setAttribute("aria-busy", String(pressed));
  }
}
