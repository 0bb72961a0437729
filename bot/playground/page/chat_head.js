import { botAvatar } from "./avatar.js";
import { el, iconButton } from "./element.js";
import { popup } from "./popup.js";

/** The bar over a chat. `calls`: back(), hints(), setBlocked(blocked). */
export class ChatHead {
  constructor(say, calls) {
    this.say = say;
    this.calls = calls;
    this.title = el("h2", { class: "bot-name", dir: "auto" });
    this.status = el("span", { class: "bot-status", "aria-live": "polite" });
    this.more = iconButton("more", say("more"), () => this.#menu());
    this.element = el(
      "header",
      { class: "chat-head" },
      iconButton("back", say("back"), calls.back, "back"),
      botAvatar(),
      el("div", { class: "chat-words" }, this.title, this.status),
      iconButton("bulb", say("hints"), calls.hints),
      this.more,
    );
  }

  show({ bot, blocked, busy }) {
    const { say } = this;
    this.blocked = blocked;
    this.title.textContent = bot?.first_name ?? say("noBot");
    const quiet = blocked ? say("blockedTag") : bot ? [say("bot"), bot.username && `@${bot.username}`].filter(Boolean).join(" · ") : say("noBotAbout");
    const status = busy && !blocked ? say("typing") : quiet;
    if (this.status.textContent !== status) this.status.textContent = status;
    this.status.classList.toggle("busy", Boolean(busy && !blocked));
  }

  #menu() {
    const { say, blocked, calls } = this;
    popup(
      this.more,
      [
        { icon: "bulb", label: say("hints"), run: calls.hints },
        blocked
          ? { icon: "block", label: say("unblock"), run: () => calls.setBlocked(false) }
          : { icon: "block", label: say("block"), run: () => calls.setBlocked(true), danger: true },
      ],
      say("more"),
    );
  }
}
