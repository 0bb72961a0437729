import { fileAddress } from "./api.js";
import { el, icon } from "./element.js";
import { fileSize } from "./file_size.js";
import { photos } from "./photos.js";
import { SoundPlayer } from "./player.js";
import { animation, video, videoNote } from "./video.js";
import { duration } from "./dates.js";

const KINDS = ["photo", "voice", "audio", "animation", "video", "video_note", "sticker", "document"];
const WORDS = { video_note: "videoNote" };

/** The file of one message, or the photos of an album, as an element; null where there is none. */
export function attachment(messages, say) {
  const [message] = messages;
  switch (kindOf(message)) {
    case "photo":
      return photos(messages, say);
    case "voice":
      return new SoundPlayer(message.voice, { say, label: `${say("voice")}, ${duration(message.voice.duration ?? 0)}`, wave: true }).element;
    case "audio":
      return music(message.audio, say);
    case "animation":
      return animation(message.animation, say);
    case "video":
      return messages.length > 1 ? photos(messages, say) : video(message.video, say);
    case "video_note":
      return videoNote(message.video_note, say);
    case "document":
      return document(message.document, say);
    default:
      return null;
  }
}

/** Where the file of a message can be had, and under which name; null where it has none. */
export function download(message) {
  const kind = kindOf(message);
  if (!kind) return null;
  const file = kind === "photo" ? message.photo.at(-1) : message[kind];
  return { href: fileAddress(file.file_id), name: file.file_name ?? "" };
}

/** A few words that stand for a message where its text does not fit or is absent. */
export function summary(message, say) {
  const text = message.text ?? message.caption;
  if (text) return text;
  const kind = kindOf(message);
  if (kind === "document") return message.document.file_name ?? say("file");
  if (kind) return say(WORDS[kind] ?? kind);
  for (const other of ["contact", "location"]) {
    if (message[other]) return say(other);
  }
  return say("unsupported");
}

const kindOf = (message) => KINDS.find((kind) => (kind === "photo" ? message.photo?.length : message[kind]));

function music(file, say) {
  const title = [file.performer, file.title].filter(Boolean).join(" – ") || file.file_name || say("audio");
  const save = el("a", { class: "icon-button", href: fileAddress(file.file_id), download: file.file_name ?? "", "aria-label": `${say("download")}: ${title}`, title: say("download") }, icon("download"));
  const head = el("div", { class: "music-head" }, el("span", { class: "music-title", dir: "auto" }, title), save);
  return el("div", { class: "music-box" }, head, new SoundPlayer(file, { say, label: title, wave: false }).element);
}

function document(file, say) {
  const name = file.file_name ?? say("file");
  const extension = /\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1] ?? "";
  return el(
    "a",
    {
      class: "document",
      href: fileAddress(file.file_id),
      download: name,
      data: { name },
      "aria-label": `${say("download")}: ${name}`,
    },
    el("span", { class: "document-sign" }, icon("file"), el("span", { class: "document-kind" }, extension)),
    el(
      "span",
      { class: "document-words" },
      el("span", { class: "document-name", dir: "auto" }, name),
      el("span", { class: "document-size" }, fileSize(file.file_size, say)),
    ),
    el("span", { class: "document-load" }, icon("download")),
  );
}
