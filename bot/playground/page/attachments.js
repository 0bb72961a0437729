import { fileAddress } from "./api.js";
import { el, icon } from "./element.js";

/** The part of a message that is a file, or null. Addresses are the server's own. */
export function attachment(message, say) {
  if (message.photo?.length) return photo(message.photo, say);
  if (message.voice) return player("audio", message.voice, say("voice"), "mic");
  if (message.audio) return player("audio", message.audio, audioTitle(message.audio, say), "note");
  if (message.video) return player("video", message.video, say("video"), "file");
  if (message.video_note) return player("video", message.video_note, say("video"), "file");
  if (message.document) return document(message.document, say);
  return null;
}

/** A few words that stand for a message where its text does not fit or is absent. */
export function summary(message, say) {
  const text = message.text ?? message.caption;
  if (text) return text;
  if (message.document) return message.document.file_name ?? say("file");
  for (const kind of ["photo", "voice", "audio", "video", "sticker", "contact", "location"]) {
    if (message[kind]) return say(kind);
  }
  return say("unsupported");
}

function photo(sizes, say) {
  const largest = sizes.reduce((best, size) => (size.width > best.width ? size : best));
  const source = fileAddress(largest.file_id);
  const image = el("img", {
    src: source,
    alt: say("photo"),
    width: largest.width,
    height: largest.height,
    loading: "lazy",
    decoding: "async",
  });
  return el("a", { class: "photo", href: source, target: "_blank", rel: "noopener noreferrer" }, image);
}

function player(tag, file, title, sign) {
  const source = fileAddress(file.file_id);
  return el(
    "div",
    { class: `player player-${tag}` },
    el("div", { class: "player-title" }, icon(sign), el("span", { dir: "auto" }, title)),
    el(tag, { controls: true, preload: "metadata", src: source, "aria-label": title }),
  );
}

const audioTitle = (audio, say) =>
  [audio.performer, audio.title].filter(Boolean).join(" – ") || audio.file_name || say("audio");

function document(file, say) {
  const name = file.file_name ?? say("file");
  const extension = /\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1] ?? "";
  return el(
    "a",
    {
      class: "document",
      href: fileAddress(file.file_id),
      download: name,
      "aria-label": `${say("download")}: ${name}`,
    },
    el("span", { class: "document-sign" }, icon("file"), el("span", { class: "document-kind" }, extension)),
    el(
      "span",
      { class: "document-words" },
      el("span", { class: "document-name", dir: "auto" }, name),
      el("span", { class: "document-size" }, size(file.file_size, say)),
    ),
    el("span", { class: "document-load" }, icon("download")),
  );
}

function size(bytes, say) {
  if (bytes === undefined) return "";
  const round = (value) => new Intl.NumberFormat(say.language, { maximumFractionDigits: 1 }).format(value);
  if (bytes < 1024) return `${round(bytes)} ${say("bytes")}`;
  if (bytes < 1024 * 1024) return `${round(bytes / 1024)} ${say("kilobytes")}`;
  return `${round(bytes / 1024 / 1024)} ${say("megabytes")}`;
}
