import { eventsAddress, readChat } from "./api.js";

const KINDS = ["message", "edited", "deleted", "draft", "draft_gone", "toast", "action", "commands", "bot"];
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * A person's chat as the server has it: a snapshot, then events, for as long as it is open.
 * After a lost connection the snapshot is read again. Events that come while it is being read are
 * applied after it, so that an older snapshot never hides a newer event.
 */
export class Feed {
  /** `listener`: snapshot(chat), event(kind, data), connected(isConnected). */
  constructor(person, listener) {
    this.person = person;
    this.listener = listener;
    this.pause = FIRST_PAUSE_MS;
    this.closed = false;
    this.wake = () => {
      if (this.timer) this.#connect();
    };
    addEventListener("online", this.wake);
    this.#connect();
  }

  close() {
    this.closed = true;
    removeEventListener("online", this.wake);
    clearTimeout(this.timer);
    this.source?.close();
  }

  async refresh() {
    this.held ??= [];
    try {
      const chat = await readChat(this.person);
      if (this.closed) return;
      this.listener.snapshot(chat);
      this.listener.connected(true);
      this.pause = FIRST_PAUSE_MS;
    } catch {
      if (!this.closed) this.#lost();
    } finally {
      const held = this.held ?? [];
      this.held = null;
      if (!this.closed) for (const [kind, data] of held) this.listener.event(kind, data);
    }
  }

  #connect() {
    clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    const source = new EventSource(eventsAddress(this.person));
    this.source = source;
    source.addEventListener("open", () => this.refresh());
    source.addEventListener("error", () => {
      if (this.source === source) this.#lost();
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.#receive(kind, event.data));
    }
  }

  #receive(kind, text) {
    if (this.closed) return;
    const data = JSON.parse(text);
    if (this.held) this.held.push([kind, data]);
    else this.listener.event(kind, data);
  }

  #lost() {
    this.source.close();
    if (this.closed || this.timer) return;
    this.listener.connected(false);
    this.timer = setTimeout(() => this.#connect(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }
}
