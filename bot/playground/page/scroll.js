import { calm, el, iconButton } from "./element.js";

const NEAR_PX = 64;
const TOP_PX = 900;

/**
 * Keeps a scrolled pane at its end while the reader is there, and leaves it alone once they have
 * scrolled up; then new messages are counted on the button that leads back down.
 */
export class Scroll {
  /** `onRead()`: the end is in sight; `showOlder()`: add content on top, false if there is no more. */
  constructor(pane, say, { onRead, showOlder }) {
    this.pane = pane;
    this.onRead = onRead;
    this.showOlder = showOlder;
    this.atEnd = true;
    this.missed = 0;
    this.top = 0;
    this.height = 0;
    this.count = el("span", { class: "count", hidden: true });
    this.button = iconButton("down", say("toBottom"), () => this.toEnd(!calm()), "to-bottom");
    this.button.append(this.count);
    this.button.hidden = true;
    pane.addEventListener("scroll", () => this.#moved(), { passive: true });
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

  /** A reader who moves up leaves the end at once, even while a draft pushes the text along. */
  #moved() {
    const { scrollTop, scrollHeight } = this.pane;
    const rest = this.#rest();
    const shrank = scrollHeight < this.height;
    this.atEnd = scrollTop < this.top && !shrank ? rest < 2 : this.atEnd || rest < NEAR_PX;
    if (scrollTop < TOP_PX && !this.atEnd && this.showOlder()) {
      this.pane.scrollTop = this.pane.scrollHeight - scrollHeight + scrollTop;
    }
    this.#look();
  }

  #rest() {
    const { scrollTop, clientHeight, scrollHeight } = this.pane;
    return scrollHeight - scrollTop - clientHeight;
  }

  #look() {
    this.top = this.pane.scrollTop;
    this.height = this.pane.scrollHeight;
    if (this.atEnd) {
      this.missed = 0;
      this.onRead();
    }
    this.button.hidden = this.atEnd;
    this.count.hidden = this.missed === 0;
    this.count.textContent = String(this.missed);
  }
}
