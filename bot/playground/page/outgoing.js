import { sendMessage } from "./api.js";
import { pendingBubble } from "./pending.js";

/**
 * The person's own messages on their way. They leave one after another, so that their order is
 * kept, and are shown at once. While one is away, the server's echo of it is held back: the echo
 * and the response are the same messages and must appear once, in place of the pending bubble.
 * `show(element)` puts a pending bubble up, `put(messages)` the messages it became.
 */
export class Outgoing {
  constructor(person, say, { show, put }) {
    this.person = person;
    this.say = say;
    this.calls = { show, put };
    this.queue = [];
    this.held = [];
    this.failed = new Set();
    this.busy = false;
  }

  /** What could not be sent, in order: to be kept when the chat is left. */
  get unsent() {
    return [...this.failed].map(({ message }) => message.text);
  }

  send(message) {
    const item = { message };
    const again = () => {
      this.failed.delete(item);
      this.#enqueue(item);
    };
    item.bubble = pendingBubble(message.text, this.say, again);
    this.calls.show(item.bubble.row);
    this.#enqueue(item);
  }

  /** True when the echo was taken and will be shown together with the response. */
  holds(message) {
    if (!this.busy) return false;
    this.held.push(message);
    return true;
  }

  async #enqueue(item) {
    this.queue.push(item);
    if (this.busy) return;
    this.busy = true;
    while (this.queue.length) await this.#leave(this.queue.shift());
    this.busy = false;
    this.#release([]);
  }

  async #leave(item) {
    try {
      const answer = await sendMessage(this.person, item.message);
      item.bubble.row.remove();
      this.#release(answer.messages);
    } catch {
      this.failed.add(item);
      item.bubble.fail();
    }
  }

  #release(messages) {
    const all = [...this.held, ...messages];
    this.held = [];
    if (all.length) this.calls.put(all);
  }
}
