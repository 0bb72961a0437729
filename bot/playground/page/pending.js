import { duration } from "./dates.js";
import { el, icon, iconButton } from "./element.js";
import { fileSize } from "./file_size.js";

const SHOWN = 4_096;

/**
 * The person's own message on its way to the server. `message`: text, or `files` with `kind` and
 * `caption`. `calls`: retry(), discard(). When sending fails it stays, and says why.
 */
export function pendingBubble(message, say, { retry, discard }) {
  const state = el("span", { class: "meta" }, icon("clock"));
  const words = message.text ?? message.caption;
  const course = message.files && el("progress", { class: "progress", max: "1", value: "0", "aria-label": say("uploading") });
  const stop = message.files && iconButton("close", say("cancelUpload"), discard, "upload-stop");
  const parts = message.files ? [filesOf(message, say), el("div", { class: "progress-line" }, course, stop)] : [];
  if (words) parts.push(el("div", { class: "text", dir: "auto" }, words.slice(0, SHOWN)));
  const body = el("div", { class: "bubble" }, parts, state);
  const stack = el("div", { class: "stack" }, el("div", { class: "bubble-line" }, body));
  const row = el("article", { class: "row out pending" }, stack);
  const fail = (reason) => {
    row.classList.add("failed");
    const again = el("button", { type: "button", class: "retry" }, icon("refresh"), say("notSent"));
    again.addEventListener("click", () => {
      trouble.remove();
      row.classList.remove("failed");
      retry();
    });
    const away = el("button", { type: "button", class: "discard", on: { click: discard } }, say("discard"));
    const trouble = el("div", { class: "trouble", role: "alert" }, reason && el("span", { class: "reason", dir: "auto" }, reason), again, message.files && away);
    stack.append(trouble);
  };
  const progress = (part) => {
    course.value = part;
  };
  return { row, fail, progress };
}

function filesOf({ kind, files }, say) {
  if (kind === "photo") {
    return el("div", { class: "pending-photos" }, files.map(({ url }) => el("img", { src: url, alt: say("photo") })));
  }
  const lines = files.map(({ file, duration: seconds }) => {
    const name = kind === "voice" ? `${say("voice")}, ${duration(seconds)}` : file.name;
    const sign = { voice: "mic", audio: "note", video: "video" }[kind] ?? "file";
    return el("div", { class: "pending-file" }, icon(sign), el("span", { dir: "auto" }, name), el("small", {}, fileSize(file.size, say)));
  });
  return el("div", {}, lines);
}
