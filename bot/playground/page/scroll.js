import { calm, el, iconButton } from "./element.js";

const NEAR_PX = 96;

/**
 * Keeps a scrolled pane at its end while the reader is there, and leaves it alone once they have
 * scrolled up; then new messages are counted on the button that leads back down.
 */
export class Scroll {
  constructor(pane, say, onRead) {
    this.pane = pane;
    this.onRead = onRead;
    this.atEnd = true;
    this.missed = 0;
    this.count = el("span", { class: "count", hidden: true });
    this.button = iconButton("down", say("toBottom"), () => this.toEnd(!calm()), "to-bottom");
    this.button.append(this.count);
    this.button.hidden = true;
    pane.addEventListener("scroll", () => this.#look(), { passive: true });
    this.watcher = new ResizeObserver(() => this.settle());
    this.watcher.observe(pane);
  }

  watch(content) {
    this.watcher.observe(content);
  }

  /** After any change of content: follow the end if the reader was there. */
  settle() {
    if (this.atEnd) this.pane.scrollTop = this.pane.scrollHeight;
    this.#look();
  }

  toEnd(smooth = false) {
    this.atEnd = true;
    this.pane.scrollTo({ top: this.pane.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.#look();
  }

  noteArrival() {
    if (this.atEnd) return;
    this.missed += 1;
    this.#look();
  }

  close() {
    this.watcher.disconnect();
  }

  #look() {
    const { scrollTop, clientHeight, scrollHeight } = this.pane;
    const rest = scrollHeight - scrollTop - clientHeight;
    const grew = this.height !== undefined && scrollHeight > this.height;
    this.height = scrollHeight;
    // Growing content moves the end away from a reader who has not moved.
    if (!grew || rest < NEAR_PX) this.atEnd = rest < NEAR_PX;
    if (this.atEnd) {
      this.missed = 0;
      this.onRead();
    }
    this.button.hidden = this.atEnd;
    this.count.hidden = this.missed === 0;
    this.count.textContent = String(this.missed);
  }
}
