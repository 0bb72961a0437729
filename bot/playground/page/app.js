import { addPerson, listPeople, readChat } from "./api.js";
import { askForPerson, personForm } from "./add_person.js";
import { Chat } from "./chat.js";
import { fullName } from "./avatar.js";
import { el } from "./element.js";
import { keepLastPerson, lastPerson, lastRead } from "./memory.js";
import { Notices } from "./notices.js";
import { PeoplePane } from "./people.js";
import { languageOf, wordsIn } from "./words.js";

const LOOK_MS = 2_500;

const app = document.getElementById("app");
const chatContainer = document.getElementById("chat");
const notices = new Notices(document.getElementById("notices"));
const pane = new PeoplePane(document.getElementById("people"), { choose: (id) => open(id), add: () => askForPerson(say(), join) });

let people = [];
const chats = new Map();
let chat = null;
let turn = 0;
let painting = false;
let lastLanguage = null;

const current = () => people.find((person) => String(person.id) === location.hash.slice(2)) ?? null;
const language = (person) => languageOf(person?.language_code ?? lastLanguage ?? navigator.language);
const say = () => wordsIn(language(current()));

function paint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    const person = current();
    const words = say();
    pane.show(people, chats, person?.id ?? null, words);
    const unread = [...chats.values()].reduce((sum, { unread: n = 0 }) => sum + n, 0);
    const title = person ? `${fullName(person)} – ${chats.get(person.id)?.bot?.first_name ?? words("bot")}` : words("people");
    document.title = unread ? `(${unread}) ${title}` : title;
    document.documentElement.lang = words.language;
  });
}

function open(id) {
  location.hash = `/${id}`;
}

function back() {
  location.hash = "";
}

function follow() {
  const person = current();
  if (chat && chat.person.id === person?.id) return;
  chat?.close();
  chat = null;
  app.dataset.view = person ? "chat" : "people";
  if (person) {
    lastLanguage = person.language_code;
    keepLastPerson(person.id);
    const bot = chats.get(person.id)?.bot ?? null;
    chat = new Chat(chatContainer, person, language(person), { bot, notices, back, changed });
  } else {
    chatContainer.replaceChildren();
  }
  paint();
}

/** The open chat reports itself; `read` messages of the open chat are no longer unread. */
function changed(id, { last, blocked, bot }) {
  const known = chats.get(id) ?? {};
  if (bot !== undefined) known.bot = bot;
  if (last !== undefined) known.last = last;
  if (chat?.person.id === id) known.unread = countUnread(id, chat.timeline.ordered);
  chats.set(id, known);
  const person = people.find((one) => one.id === id);
  if (person && blocked !== undefined) person.blocked = blocked;
  paint();
}

const countUnread = (id, messages) => {
  const read = lastRead(id);
  return messages.filter((message) => !message.out && message.message_id > read).length;
};

/** Chats that are not open are looked at in turn, one request at a time, however many there are. */
async function lookAround() {
  const others = people.filter((person) => person.id !== chat?.person.id);
  const person = others[turn++ % Math.max(others.length, 1)];
  if (person && !document.hidden) await look(person).catch(() => {});
  setTimeout(lookAround, LOOK_MS);
}

async function look(person) {
  const { messages, blocked, bot } = await readChat(person.id);
  if (chat?.person.id === person.id) return;
  person.blocked = blocked;
  chats.set(person.id, { last: messages.at(-1) ?? null, unread: countUnread(person.id, messages), bot });
  paint();
}

async function join(name, code) {
  try {
    const person = await addPerson(name, code);
    people = await listPeople();
    open(person.id);
    return true;
  } catch (error) {
    notices.toast(say().refusal(error));
    return false;
  }
}

function welcome() {
  const words = say();
  app.dataset.view = "chat";
  chatContainer.replaceChildren(
    el("section", { class: "welcome" }, el("span", { class: "brand large" }), el("h2", {}, words("welcome")), el("p", { class: "about" }, words("addPersonAbout")), personForm(words, join)),
  );
  paint();
}

async function load() {
  try {
    people = await listPeople();
  } catch {
    setTimeout(load, 1_000);
    return;
  }
  addEventListener("hashchange", follow);
  if (!people.length) {
    welcome();
  } else {
    const person = current() ?? people.find(({ id }) => id === lastPerson()) ?? people[0];
    if (!current()) history.replaceState(null, "", `#/${person.id}`);
    follow();
    for (const other of people) if (other.id !== person.id) await look(other).catch(() => {});
  }
  lookAround();
}

load();
