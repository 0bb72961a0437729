import { summary } from "./attachments.js";
import { avatar, fullName } from "./avatar.js";
import { shortWhen } from "./dates.js";
import { el, icon, iconButton } from "./element.js";

/** The left pane. `calls`: choose(personId), add(). What it shows comes in through `show`. */
export class PeoplePane {
  constructor(container, calls) {
    this.container = container;
    this.calls = calls;
  }

  /** `chats` maps a person's id to {last, unread, bot}; `chosen` is the open chat's person or null. */
  show(people, chats, chosen, say) {
    const focused = document.activeElement?.dataset?.person;
    if (this.language !== say.language) this.#frame(say);
    this.list.replaceChildren(...people.map((person) => this.#item(person, chats.get(person.id) ?? {}, chosen, say)));
    if (focused) this.container.querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus();
  }

  /** What stays between two looks: made anew, the list would lose its place and the icon would blink. */
  #frame(say) {
    this.language = say.language;
    this.list = el("ul", { class: "people-list" });
    this.container.setAttribute("aria-label", say("people"));
    this.container.replaceChildren(
      el(
        "header",
        { class: "people-head" },
        el("span", { class: "brand", "aria-hidden": "true" }),
        el("h1", {}, say("people")),
        iconButton("add", say("addPerson"), this.calls.add),
      ),
      this.list,
    );
  }

  #item(person, { last, unread = 0 }, chosen, say) {
    const preview = person.blocked ? say("blockedTag") : last ? lastWords(last, say) : say("noMessages");
    const badge = unread
      ? el("span", { class: "badge", "aria-label": say("unread", { n: unread }) }, unread > 99 ? "99+" : String(unread))
      : null;
    const button = el(
      "button",
      {
        type: "button",
        class: "person",
        "aria-current": person.id === chosen ? "true" : null,
        data: { person: person.id },
        on: { click: () => this.calls.choose(person.id) },
      },
      avatar(person),
      el(
        "span",
        { class: "person-words" },
        el(
          "span",
          { class: "person-line" },
          el("span", { class: "person-name", dir: "auto" }, fullName(person)),
          el("span", { class: "person-language" }, person.language_code),
          last ? el("time", { class: "person-when" }, shortWhen(last.date, say.language)) : null,
        ),
        el(
          "span",
          { class: "person-line" },
          person.blocked ? icon("block") : null,
          el("span", { class: "person-preview", dir: "auto" }, preview),
          badge,
        ),
      ),
    );
    return el("li", {}, button);
  }
}

function lastWords(message, say) {
  const words = summary(message, say).slice(0, 120).replace(/\s+/g, " ");
  return message.out ? `${say("you")}: ${words}` : words;
}
