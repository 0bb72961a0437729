import { attachment, summary } from "./attachments.js";
import { clock, fullDate } from "./dates.js";
import { el, icon, iconButton } from "./element.js";
import { formatted } from "./entities.js";

const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * One message, or the messages of one album, as an element that goes by the first one's id.
 * `actions`: say, sendCommand, copy, menu(message, anchor), jump(messageId). `keyboards` renders its
 * buttons.
 */
export function bubble(messages, actions, keyboards) {
  const { say } = actions;
  const [message] = messages;
  const side = message.out ? "out" : "in";
  const body = el("div", { class: "bubble" });
  const reacted = reactions(messages, say);
  const more = iconButton("more", say("messageMenu"), () => actions.menu(message, more), "bubble-more");
  const row = el(
    "article",
    { class: `row ${side}`, data: { id: message.message_id } },
    el("div", { class: "stack" }, el("div", { class: "bubble-line" }, body, more), reacted, keyboards.render(message)),
  );
  body.append(...content(messages, actions), meta(message, say));
  body.classList.toggle("meta-below", metaBelow(messages.at(-1)));
  return row;
}

function content(messages, actions) {
  const { say } = actions;
  const [message] = messages;
  const parts = [forwardedFrom(message, say), repliedTo(message, actions)];
  const pictures = messages.every(({ photo, video }) => photo || video);
  for (const shown of pictures ? [messages] : messages.map((one) => [one])) {
    const file = attachment(shown, say);
    const words = shown.map((one) => wordsOf(one, actions)).filter(Boolean);
    parts.push(file, ...words);
    if (!file && !words.length) parts.push(el("div", { class: "text service" }, summary(shown[0], say)));
  }
  return parts.filter(Boolean);
}

function wordsOf(message, actions) {
  const text = message.text ?? message.caption;
  return text ? textBlock(text, message.entities ?? message.caption_entities, actions) : null;
}

export function textBlock(text, entities, actions) {
  return el("div", { class: "text", dir: "auto" }, formatted(text, entities, actions));
}

function forwardedFrom(message, say) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title;
  const words = name ? say("forwardedFrom", { name }) : say("forwarded");
  return el("div", { class: "forwarded", dir: "auto" }, icon("forward"), el("span", {}, words));
}

function repliedTo(message, { say, jump }) {
  const original = message.reply_to_message;
  if (!original) return null;
  return el(
    "button",
    { type: "button", class: "replied", on: { click: () => jump(original.message_id) } },
    el("span", { class: "replied-name", dir: "auto" }, original.from?.first_name ?? ""),
    el("span", { class: "replied-text", dir: "auto" }, summary(original, say).slice(0, 200)),
  );
}

/** What the other side answered without words; null where it did not. */
function reactions(messages, say) {
  const shown = new Set(messages.flatMap(({ reactions = [] }) => reactions.map(({ emoji }) => emoji).filter(Boolean)));
  if (!shown.size) return null;
  return el("div", { class: "reactions", role: "note", "aria-label": say("reaction") }, ...[...shown].map((emoji) => el("span", { class: "reaction" }, emoji)));
}

function meta(message, say) {
  const time = el(
    "time",
    { title: fullDate(message.date, say.language), datetime: new Date(message.date * 1000).toISOString() },
    clock(message.date, say.language),
  );
  // A bot edits its cards all the time; the mark is for words a person has changed.
  const edited = message.edit_date && message.out ? el("span", { class: "edited" }, say("edited")) : null;
  return el("span", { class: "meta" }, edited, time, message.out ? icon("check") : null);
}

/** Whether the last line may not be shared with the time: it ends in a block or runs leftwards. */
export function metaBelow(message) {
  const text = message.text ?? message.caption;
  if (!text) return false;
  const blocks = (message.entities ?? message.caption_entities ?? []).some(
    (e) => (e.type === "pre" || e.type.endsWith("blockquote")) && e.offset + e.length >= text.trimEnd().length,
  );
  return blocks || RIGHT_TO_LEFT.test(text.slice(0, 200));
}
