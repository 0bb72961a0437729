import { sendFiles, sendMessage } from "./api.js";
import { pendingBubble } from "./pending.js";
import { asPhoto, letGo } from "./picking.js";

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

  /** Words that could not be sent, in order: to be kept when the chat is left. */
  get unsent() {
    return [...this.failed].map(({ message }) => message.text ?? message.caption).filter(Boolean);
  }

  /**
   * `message`: {text, reply_to_message_id?}, or files in one message or album: {kind, files,
   * caption?, reply_to_message_id?}, where a file is {file, duration, url?}.
   */
  send(message) {
    const item = { message, leaving: new AbortController() };
    const retry = () => {
      this.failed.delete(item);
      this.#enqueue(item);
    };
    const discard = () => {
      item.leaving.abort();
      this.#forget(item);
    };
    item.bubble = pendingBubble(message, this.say, { retry, discard });
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
    if (item.leaving.signal.aborted) return;
    try {
      const answer = await this.#deliver(item);
      this.#forget(item);
      this.#release(answer.messages);
    } catch (error) {
      if (item.leaving.signal.aborted) return;
      this.failed.add(item);
      item.bubble.fail(error.status ? this.say.refusal(error) : null);
    }
  }

  async #deliver({ message, bubble, leaving }) {
    if (!message.files) return sendMessage(this.person, message);
    const form = new FormData();
    form.set("kind", message.kind);
    if (message.caption) form.set("caption", message.caption);
    if (message.reply_to_message_id) form.set("reply_to_message_id", message.reply_to_message_id);
    for (const [at, { file, duration }] of message.files.entries()) {
      const photo = message.kind === "photo";
      form.set(at ? `file${at}` : "file", photo ? await asPhoto(file) : file, photo ? "photo.jpg" : file.name);
      form.set("duration", String(Math.max(1, Math.round(duration))));
    }
    return sendFiles(this.person, form, { progress: bubble.progress, signal: leaving.signal });
  }

  #forget(item) {
    this.failed.delete(item);
    item.bubble.row.remove();
    item.message.files?.forEach(letGo);
  }

  #release(messages) {
    const all = [...this.held, ...messages];
    this.held = [];
    if (all.length) this.calls.put(all);
  }
}
