import { listHints } from "./api.js";
import { botAvatar } from "./avatar.js";
import { el, icon } from "./element.js";

/** The place over an empty chat: filled when it is first needed, and anew for another bot. */
export class EmptySlot {
  constructor(element, say, calls) {
    this.element = element;
    this.say = say;
    this.calls = calls;
  }

  show(isEmpty, bot) {
    if (isEmpty && (this.element.hidden || this.shownFor !== bot?.id)) {
      this.element.replaceChildren(emptyState(this.say, bot, this.calls));
    }
    this.shownFor = bot?.id;
    this.element.hidden = !isEmpty;
  }
}

/** What a chat shows before its first message: who the bot is, Start, and what to try. */
function emptyState(say, bot, calls) {
  const start = el("button", { type: "button", class: "button primary start", disabled: !bot, on: { click: calls.start } }, say("start"));
  const about = say(bot ? "emptyAbout" : "noBotAbout");
  const hints = el("div", { class: "hint-slot" });
  listHints(say.language).then(
    (list) => bot && list.length && hints.replaceChildren(el("h3", {}, say("hints")), hintList(list, calls.suggest)),
    () => {},
  );
  return el(
    "section",
    { class: "empty" },
    botAvatar(),
    el("h2", { dir: "auto" }, bot ? say("emptyTitle") : say("noBot")),
    el("p", {}, about),
    start,
    hints,
  );
}

export function hintList(hints, suggest) {
  const items = hints.map((hint) =>
    el(
      "button",
      { type: "button", class: "hint", on: { click: () => suggest(hint.text) } },
      el("span", { class: "hint-text", dir: "auto" }, hint.text),
      el("span", { class: "hint-about", dir: "auto" }, hint.about),
    ),
  );
  return el("div", { class: "hints" }, items);
}

export async function showHints(say, suggest) {
  const hints = await listHints(say.language).catch(() => []);
  const close = el("button", { type: "button", class: "icon-button", "aria-label": say("close"), on: { click: () => dialog.close() } }, icon("close"));
  const choose = (text) => {
    dialog.close();
    suggest(text);
  };
  const dialog = el(
    "dialog",
    { class: "dialog", "aria-label": say("hints"), on: { close: () => dialog.remove() } },
    el("header", { class: "dialog-head" }, el("h2", {}, say("hints")), close),
    hints.length ? hintList(hints, choose) : el("p", { class: "about" }, say("hintsEmpty")),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}
