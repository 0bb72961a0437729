import { el, icon } from "./element.js";
import { fullDate } from "./dates.js";
import { openable } from "./links.js";
import { foldedQuote } from "./quote.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const VERBATIM = new Set(["pre", "code"]);
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };

/**
 * Turn text with Bot API entities into DOM nodes. Offsets count UTF-16 units, as JavaScript
 * strings do. `actions`: say, sendCommand(text), copy(text).
 */
export function formatted(text, entities, actions) {
  const length = text.length;
  const queue = (entities ?? [])
    .filter((entity) => entity.length > 0 && entity.offset >= 0 && entity.offset < length)
    .map((entity) => ({ entity, from: entity.offset, to: Math.min(entity.offset + entity.length, length) }))
    .sort(byPlace);
  const fragment = document.createDocumentFragment();
  fill(fragment, { text, actions, queue }, 0, length, false);
  return fragment;
}

const rank = (entity) => (BLOCKS.has(entity.type) ? 0 : 1);
const byPlace = (a, b) => a.from - b.from || b.to - a.to || rank(a.entity) - rank(b.entity);

function fill(parent, work, from, to, verbatim) {
  const { text, queue } = work;
  let at = from;
  let afterBlock = false;
  const plain = (until) => {
    const start = afterBlock && text[at] === "\n" ? at + 1 : at;
    if (until > start) parent.append(text.slice(start, until));
    if (until > at) afterBlock = false;
    at = until;
  };
  while (queue.length && queue[0].from < to) {
    const span = queue.shift();
    if (span.to > to) {
      // Entities that cross are cut at the border, so that both parts still nest.
      queue.push({ ...span, from: to });
      queue.sort(byPlace);
      span.to = to;
    }
    plain(span.from);
    const isBlock = BLOCKS.has(span.entity.type);
    const { outer, inner } = verbatim ? bare() : node(span.entity, text.slice(span.from, span.to), work.actions);
    fill(inner, work, span.from, span.to, verbatim || VERBATIM.has(span.entity.type));
    parent.append(outer);
    at = span.to;
    afterBlock = isBlock;
  }
  plain(to);
}

function bare() {
  const span = el("span");
  return { outer: span, inner: span };
}

function node(entity, text, actions) {
  const build = BUILDERS[entity.type];
  const made = TAGS[entity.type] ? el(TAGS[entity.type]) : (build?.(entity, text, actions) ?? el("span"));
  return made.outer ? made : { outer: made, inner: made };
}

function link(address, actions) {
  const href = openable(address);
  if (!href) return el("span", { class: "dead-link", title: actions.say("linkRefused") });
  return el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href });
}

function spoiler(_, __, { say }) {
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (hidden.classList.contains("shown")) return;
    event.preventDefault();
    event.stopPropagation();
    hidden.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) hidden.removeAttribute(name);
  };
  const hidden = el("span", {
    class: "spoiler",
    role: "button",
    tabindex: "0",
    "aria-label": say("showText"),
    on: { click: reveal, keydown: reveal },
  });
  return hidden;
}

function pre(entity, text, { say, copy }) {
  const code = el("code");
  const button = el(
    "button",
    { type: "button", class: "copy-code", "aria-label": say("copy"), title: say("copy"), on: { click: () => copy(text) } },
    icon("copy"),
  );
  const outer = el(
    "div",
    { class: "code-block" },
    el("div", { class: "code-head" }, el("span", {}, entity.language ?? ""), button),
    el("pre", { tabindex: "0", dir: "ltr" }, code),
  );
  return { outer, inner: code };
}

function code(_, text, { copy }) {
  const onClick = () => {
    if (getSelection().isCollapsed) copy(text);
  };
  return el("code", { class: "inline-code", on: { click: onClick } });
}

function command(_, text, { sendCommand }) {
  // Not a <button>: browsers leave button text out of a selection.
  const onKey = (event) => {
    if (event.key === "Enter") sendCommand(text);
  };
  return el("span", {
    class: "command",
    role: "button",
    tabindex: "0",
    on: { click: () => sendCommand(text), keydown: onKey },
  });
}

const BUILDERS = {
  pre,
  code,
  spoiler,
  blockquote: () => el("blockquote", { dir: "auto" }),
  expandable_blockquote: (_, __, { say }) => foldedQuote(say),
  text_link: (entity, _, actions) => link(entity.url, actions),
  url: (_, text, actions) => link(text, actions),
  email: (_, text, actions) => link(`mailto:${text}`, actions),
  mention: (_, text, actions) => link(`https://t.me/${text.slice(1)}`, actions),
  text_mention: () => el("span", { class: "mention" }),
  hashtag: () => el("span", { class: "tag" }),
  cashtag: () => el("span", { class: "tag" }),
  bot_command: command,
  date_time: (entity, _, { say }) => el("time", { title: fullDate(entity.unix_time ?? 0, say.language) }),
};
