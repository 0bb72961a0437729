import { blockBot, editMessage, pressButton, startBot, stopDraft } from "./api.js";
import { chatFrame } from "./chat_frame.js";
import { ChatHead } from "./chat_head.js";
import { copyText } from "./clipboard.js";
import { Composer } from "./composer.js";
import { takeDrops } from "./dropping.js";
import { EmptySlot, showHints } from "./empty.js";
import { Feed } from "./feed.js";
import { Keyboards } from "./keyboard.js";
import { Live } from "./live.js";
import { keepLastRead, keepUnsentText } from "./memory.js";
import { listenForMenu, messageMenu } from "./message_menu.js";
import { Outgoing } from "./outgoing.js";
import { Scroll } from "./scroll.js";
import { Selection } from "./selection.js";
import { Timeline } from "./timeline.js";
import { wordsIn } from "./words.js";

/** One person's open chat: joins the feed's events to what stands on the screen. */
export class Chat {
  /** `shell`: bot (if known already), notices, back(), changed(personId, {last, blocked, bot}). */
  constructor(container, person, language, shell) {
    this.person = person;
    this.shell = shell;
    this.say = wordsIn(language);
    this.state = { bot: shell.bot, blocked: person.blocked, busy: "", loaded: false };
    this.#build(container);
    this.feed = new Feed(person.id, {
      snapshot: (chat) => this.#snapshot(chat),
      event: (kind, data) => this.events[kind](data),
      connected: (isConnected) => this.#connected(isConnected),
    });
    this.composer.focus();
  }

  close() {
    this.#keepUnsent();
    this.feed.close();
    this.live.remove();
    this.keyboards.close();
    this.composer.close();
    this.scroll.close();
    this.leaving.abort();
  }

  #keepUnsent() {
    const { unsent } = this.outgoing;
    if (unsent.length) keepUnsentText(this.person.id, [...unsent, this.composer.field.value].join("\n\n").trim());
  }

  #build(container) {
    const { say, shell } = this;
    const { notices } = shell;
    const failed = (error) => notices.toast(say.refusal(error));
    const trying = (promise) => promise.catch(failed);
    const copy = (text) => copyText(text, say, notices);
    const suggest = (text) => (text.startsWith("/") ? this.#send({ text }) : this.composer.suggest(text));
    const start = () => trying(startBot(this.person.id).then(() => this.feed.refresh()));
    const setBlocked = (blocked) => trying(blockBot(this.person.id, blocked).then(() => this.#blocked(blocked)));

    this.keyboards = new Keyboards({
      press: (id, data) => pressButton(this.person.id, id, data),
      copy,
      refused: failed,
      late: () => notices.toast(say("noAnswer")),
    });
    const actions = {
      say,
      copy,
      sendCommand: (text) => this.#send({ text }),
      menu: (message, anchor) => messageMenu(message, anchor, say, this.menuCalls),
      jump: (id) => this.timeline.jump(id),
      stop: (id) => trying(stopDraft(this.person.id, id)),
    };
    this.timeline = new Timeline(actions, this.keyboards);
    this.live = new Live(actions, (row) => {
      this.timeline.tail.append(row);
      this.scroll.settle();
    });
    this.head = new ChatHead(say, { back: shell.back, hints: () => showHints(say, suggest), setBlocked });
    this.composer = new Composer(this.person.id, say, {
      send: (message) => this.#send(message),
      edit: (id, text) => trying(editMessage(this.person.id, id, text).then(() => this.feed.refresh())),
      lastOwn: () => this.timeline.ordered.findLast((message) => message.out && message.text && !message.forward_origin),
      toast: (text) => notices.toast(text),
    });
    const forward = (messages) => {
      for (const message of messages) this.outgoing.send({ text: message.text ?? message.caption ?? "", forwarded: true });
    };
    this.selection = new Selection(this.timeline, say, {
      forward: (ids) => forward(ids.map((id) => this.timeline.get(id)).filter((m) => m?.text || m?.caption)),
      copy: (ids) => copy(ids.map((id) => this.timeline.get(id)?.text ?? "").join("\n\n")),
      changed: () => this.#foot(),
    });
    this.menuCalls = {
      reply: (message) => this.composer.startReply(message),
      edit: (message) => this.composer.startEditing(message),
      copy,
      forward,
      select: (message) => this.selection.toggle(message.message_id),
    };
    this.outgoing = new Outgoing(this.person.id, say, {
      show: (row) => this.#tail(row),
      // What is known by now has come from the events, and may have been changed since it was sent.
      put: (messages) => this.#changed(() => messages.filter(({ message_id: id }) => !this.timeline.get(id)).forEach((message) => this.timeline.put(message))),
    });
    listenForMenu(this.timeline.element, (id, point) => actions.menu(this.timeline.get(id), point));

    this.frame = chatFrame(say, {
      head: this.head.element,
      timeline: this.timeline.element,
      foot: [this.selection.element, this.composer.element],
      unblock: () => setBlocked(false),
    });
    this.scroll = new Scroll(this.frame.pane, say, {
      onRead: () => this.#read(),
      showOlder: () => this.timeline.showOlder(),
    });
    this.scroll.watch(this.timeline.element);
    this.frame.body.append(this.scroll.button);
    this.emptySlot = new EmptySlot(this.frame.emptySlot, say, { start, suggest });
    container.lang = say.language;
    container.replaceChildren(...this.frame.parts);
    this.head.show(this.state);
    this.#foot();
    this.leaving = new AbortController();
    const whileOpen = { signal: this.leaving.signal };
    document.addEventListener("visibilitychange", () => this.#read(), whileOpen);
    document.addEventListener("keydown", (event) => this.#key(event), whileOpen);
    addEventListener("pagehide", () => this.#keepUnsent(), whileOpen);
    takeDrops(this.frame.body, say, (files) => this.#dropped(files), whileOpen.signal);
  }

  events = {
    message: (message) => this.#arrived(message),
    edited: (message) => this.#changed(() => this.timeline.put(message)),
    deleted: ({ message_id: id, message_ids: ids = [id] }) => {
      this.selection.forget(ids);
      this.#changed(() => this.timeline.remove(ids));
    },
    draft: (draft) => {
      this.live.show(draft);
      this.#busy("typing");
      this.scroll.settle();
    },
    draft_gone: () => {
      this.live.leave();
      this.#busy("");
    },
    toast: ({ text, show_alert: alert, callback_query_id: id }) => {
      this.keyboards.answer(id);
      if (text && alert) this.shell.notices.alert(text, this.say);
      else if (text) this.shell.notices.toast(text);
    },
    action: ({ action }) => {
      this.live.typing(Boolean(action));
      this.#busy(action);
    },
    commands: ({ commands }) => this.composer.setCommands(commands),
    bot: () => this.feed.refresh(),
  };

  #snapshot(chat) {
    this.state.bot = chat.bot;
    this.state.loaded = true;
    this.#blocked(chat.blocked);
    this.composer.setCommands(chat.commands);
    this.shell.changed(this.person.id, { bot: chat.bot });
    this.#changed(() => this.timeline.become(chat.messages));
    if (chat.draft) this.live.show(chat.draft, true);
    else if (chat.action) this.live.typing(true);
    else this.live.leave();
    this.#busy(chat.draft ? "typing" : chat.action);
  }

  #arrived(message) {
    if (message.out && this.outgoing.holds(message)) return;
    const isNew = !this.timeline.get(message.message_id);
    const instead = message.out ? null : this.live.take();
    this.#changed(() => this.timeline.put(message, instead));
    if (!message.out) {
      this.#busy("");
      if (isNew) this.scroll.noteArrival();
    }
  }

  #send(message) {
    this.outgoing.send(message);
    this.scroll.toEnd();
  }

  #dropped(files) {
    if (!this.composer.element.hidden) this.composer.attach(files);
  }

  #tail(row) {
    this.timeline.tail.insertBefore(row, this.live.row);
    this.#empty();
    this.scroll.toEnd();
  }

  #changed(change) {
    change();
    this.#empty();
    this.scroll.settle();
    this.shell.changed(this.person.id, { last: this.timeline.ordered.at(-1) ?? null });
  }

  #busy(busy) {
    this.state.busy = busy;
    this.head.show(this.state);
  }

  #blocked(blocked) {
    this.state.blocked = blocked;
    this.head.show(this.state);
    this.#foot();
    this.shell.changed(this.person.id, { blocked });
  }

  #foot() {
    const { blocked } = this.state;
    this.frame.blockedBar.hidden = !blocked || this.selection.active;
    this.composer.hide(blocked || this.selection.active);
  }

  #empty() {
    const empty = this.state.loaded && this.timeline.messages.size === 0 && this.timeline.tail.childElementCount === 0;
    this.emptySlot.show(empty, this.state.bot);
  }

  #read() {
    const last = this.timeline.ordered.at(-1);
    if (!last || document.hidden) return;
    keepLastRead(this.person.id, last.message_id);
    this.shell.changed(this.person.id, {});
  }

  /** Escape ends a selection; typing with nothing in focus goes to the composer. */
  #key(event) {
    if (event.key === "Escape" && this.selection.active) this.selection.clear();
    const types = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (types && document.activeElement === document.body) this.composer.focus();
  }

  #connected(isConnected) {
    this.frame.banner.hidden = isConnected;
  }
}
