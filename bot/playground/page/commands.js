import { el } from "./element.js";

/**
 * The bot's command menu: opened by the "/" button, or by typing "/" and then narrowed by what is
 * typed. Choosing sends the command; Tab puts it in the field to add words after it.
 */
export class CommandMenu {
  constructor(say, send, insert) {
    this.send = send;
    this.insert = insert;
    this.commands = [];
    this.offered = [];
    this.at = 0;
    this.element = el("div", { class: "commands", id: "commands", role: "listbox", "aria-label": say("commands"), hidden: true });
  }

  bind(field) {
    this.field = field;
    field.setAttribute("aria-controls", this.element.id);
    field.setAttribute("aria-autocomplete", "list");
    const outside = (event) => {
      if (!this.element.parentElement?.contains(event.target)) this.close();
    };
    document.addEventListener("pointerdown", outside);
    this.unbind = () => document.removeEventListener("pointerdown", outside);
  }

  set(commands) {
    this.commands = commands;
    if (this.isOpen) this.match(this.field.value);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle(field) {
    if (this.isOpen) this.close();
    else this.#offer(this.commands);
    field.focus();
  }

  match(text) {
    const typed = /^\/([a-z0-9_]*)$/i.exec(text);
    if (!typed) return this.close();
    const prefix = typed[1].toLowerCase();
    this.#offer(this.commands.filter(({ command }) => command.startsWith(prefix)));
  }

  close() {
    this.element.hidden = true;
    this.offered = [];
    this.field?.removeAttribute("aria-activedescendant");
  }

  /** Whether the key was meant for the menu. */
  key(event) {
    if (!this.isOpen || event.shiftKey || event.ctrlKey || event.altKey) return false;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      this.at = (this.at + move + this.offered.length) % this.offered.length;
      this.#point();
    } else if (event.key === "Enter") {
      this.#choose(this.offered[this.at]);
    } else if (event.key === "Tab") {
      this.insert(`/${this.offered[this.at].command} `);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return false;
    }
    return true;
  }

  #offer(commands) {
    this.offered = commands;
    this.at = 0;
    this.element.hidden = commands.length === 0;
    this.element.replaceChildren(
      ...commands.map((command, index) =>
        el(
          "div",
          { class: "command-option", role: "option", id: `command-${index}`, on: { click: () => this.#choose(command) } },
          el("b", {}, `/${command.command}`),
          el("span", { dir: "auto" }, command.description),
        ),
      ),
    );
    if (commands.length) this.#point();
  }

  #point() {
    for (const [index, option] of [...this.element.children].entries()) {
      option.setAttribute("aria-selected", String(index === this.at));
    }
    this.field.setAttribute("aria-activedescendant", `command-${this.at}`);
    this.element.children[this.at].scrollIntoView({ block: "nearest" });
  }

  #choose({ command }) {
    this.close();
    this.send(`/${command}`);
  }
}
