import { CommandMenu } from "./commands.js";
import { el, icon, iconButton, narrow } from "./element.js";
import { summary } from "./attachments.js";
import { keepUnsentText, unsentText } from "./memory.js";
import { Tray } from "./tray.js";
import { VoiceBar } from "./voice_bar.js";

const LONGEST_CAPTION = 1024;

/**
 * Where the person writes, attaches files and speaks. `calls`: send(message) as in outgoing.js,
 * edit(messageId, text), lastOwn() (a message to edit or null), toast(text). Unsent words are kept
 * per person, also over a reload.
 */
export class Composer {
  constructor(person, say, calls) {
    this.person = person;
    this.say = say;
    this.calls = calls;
    this.replyTo = null;
    this.editing = null;
    this.menu = new CommandMenu(say, (text) => this.#submit(text), (text) => this.#fill(text));
    this.field = el("textarea", {
      class: "field",
      rows: "1",
      dir: "auto",
      placeholder: say("placeholder"),
      "aria-label": say("placeholder"),
      enterkeyhint: "send",
      autocomplete: "off",
      on: { input: () => this.#changed(), keydown: (event) => this.#key(event), paste: (event) => this.#paste(event) },
    });
    this.tray = new Tray(say, { toast: calls.toast, changed: () => this.#ready() });
    this.voice = new VoiceBar(say, {
      toast: calls.toast,
      send: ({ blob, seconds }) => this.#send({ kind: "voice", files: [{ file: new File([blob], "voice.wav", { type: blob.type }), duration: seconds }] }),
      changed: (recording) => this.#recording(recording),
    });
    this.context = el("div", { class: "context", hidden: true });
    this.slash = iconButton("slash", say("commands"), () => this.menu.toggle(this.field), "slash");
    this.sendButton = el("button", { type: "submit", class: "send", "aria-label": say("send"), title: say("send") }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      this.#submit(this.field.value);
    };
    this.element = el(
      "form",
      { class: "composer", on: { submit } },
      this.menu.element,
      this.context,
      this.tray.element,
      (this.line = el("div", { class: "composer-line" }, this.tray.button, this.tray.input, this.field, this.slash, this.voice.button, this.sendButton)),
      this.voice.element,
    );
    this.field.value = unsentText(person);
    this.menu.bind(this.field);
    queueMicrotask(() => this.#changed());
  }

  close() {
    this.menu.unbind();
    this.voice.cancel();
    this.tray.clear();
  }

  /** Nothing is recorded out of sight. */
  hide(isHidden) {
    if (isHidden) this.voice.cancel();
    this.element.hidden = isHidden;
  }

  async attach(files) {
    await this.tray.add(files);
    this.focus();
  }

  focus() {
    if (!narrow()) this.field.focus({ preventScroll: true });
  }

  setCommands(commands) {
    this.menu.set(commands);
    this.slash.hidden = commands.length === 0;
  }

  /** Put words in the field for the person to look over before sending. */
  suggest(text) {
    this.#fill(text);
    this.field.focus();
  }

  startReply(message) {
    this.#leaveEditing();
    this.replyTo = message;
    const name = message.out ? this.say("you") : (message.from?.first_name ?? this.say("bot"));
    this.#showContext("reply", `${this.say("replyTo")} ${name}`, summary(message, this.say));
    this.field.focus();
  }

  startEditing(message) {
    this.replyTo = null;
    this.editing = message;
    this.#showContext("edit", this.say("editing"), message.text);
    this.#setSendSign("save");
    this.#fill(message.text);
    this.field.focus();
  }

  #showContext(sign, title, text) {
    const words = el("div", { class: "context-words" }, el("b", { dir: "auto" }, title), el("span", { dir: "auto" }, text.slice(0, 200)));
    this.context.replaceChildren(icon(sign), words, iconButton("close", this.say("close"), () => this.#cancel()));
    this.context.hidden = false;
  }

  #cancel() {
    this.replyTo = null;
    this.context.hidden = true;
    this.#leaveEditing();
    this.field.focus();
  }

  #leaveEditing() {
    if (!this.editing) return;
    this.editing = null;
    this.context.hidden = true;
    this.#setSendSign("send");
    this.#fill(unsentText(this.person));
  }

  #setSendSign(name) {
    this.sendButton.replaceChildren(icon(name === "save" ? "check" : "send"));
    this.sendButton.setAttribute("aria-label", this.say(name));
    this.sendButton.title = this.say(name);
  }

  #submit(text) {
    if (!text.trim() && (this.editing || this.tray.empty)) return;
    if (this.editing) {
      const { message_id: id, text: before } = this.editing;
      this.#leaveEditing();
      if (text !== before) this.calls.edit(id, text);
      return;
    }
    const caption = text.trim();
    const captioned = !this.tray.empty && caption.length <= LONGEST_CAPTION;
    for (const [at, { kind, items }] of this.tray.take().entries()) {
      this.#send({ kind, files: items, ...(captioned && at === 0 && caption && { caption }) });
    }
    keepUnsentText(this.person, "");
    this.#fill("");
    if (caption && !captioned) this.#send({ text });
    this.focus();
  }

  /** The first thing sent is the reply. */
  #send(message) {
    const replyTo = this.replyTo?.message_id;
    this.replyTo = null;
    this.context.hidden = true;
    this.calls.send({ ...message, ...(replyTo && { reply_to_message_id: replyTo }) });
  }

  #recording(isOn) {
    this.line.hidden = isOn;
    this.tray.element.hidden = isOn || this.tray.empty;
    if (!isOn) this.field.focus({ preventScroll: true });
  }

  #paste(event) {
    const { files } = event.clipboardData;
    // What offices copy comes as words and as a picture of them: the words are meant.
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    this.attach([...files]);
  }

  #fill(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.#changed();
  }

  #changed() {
    const { field } = this;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    this.#ready();
    if (!this.editing) keepUnsentText(this.person, field.value);
    this.menu.match(field.value);
  }

  /** With something to send the button sends, otherwise it is the microphone. */
  #ready() {
    const ready = this.field.value.trim() !== "" || Boolean(this.editing) || !this.tray.empty;
    this.element.classList.toggle("ready", ready);
    this.sendButton.hidden = !ready;
    this.voice.button.hidden = ready;
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.menu.key(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit(this.field.value);
    } else if (event.key === "Escape" && !this.context.hidden) {
      event.preventDefault();
      this.#cancel();
    } else if (event.key === "ArrowUp" && this.field.value === "" && !event.ctrlKey && !event.shiftKey) {
      const message = this.calls.lastOwn();
      if (message) {
        event.preventDefault();
        this.startEditing(message);
      }
    }
  }
}
