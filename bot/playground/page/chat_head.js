import { botAvatar } from "./avatar.js";
import { el, iconButton } from "./element.js";
import { popup } from "./popup.js";

const DOING = {
  record_voice: "recordsVoice",
  upload_voice: "recordsVoice",
  upload_photo: "sendsPhoto",
  upload_document: "sendsFile",
  upload_video: "sendsVideo",
};

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

  show({ bot, blocked, busy, loaded }) {
    this.blocked = blocked;
    this.title.textContent = bot?.first_name ?? (loaded ? this.say("noBot") : "");
    const status = this.#status(bot, blocked, busy, loaded);
    if (this.status.textContent !== status) this.status.textContent = status;
    this.status.classList.toggle("busy", Boolean(busy) && !blocked);
  }

  #status(bot, blocked, busy, loaded) {
    const { say } = this;
    if (blocked) return say("blockedTag");
    if (busy) return say(DOING[busy] ?? "typing");
    if (bot) return `${say("bot")} · @${bot.username}`;
    return loaded ? say("noBotAbout") : "";
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
