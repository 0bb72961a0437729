import { duration } from "./dates.js";
import { el, icon } from "./element.js";
import { mediaSource, whenNear } from "./media_source.js";
import { hearOnly } from "./player.js";

/** A video with the browser's own controls. */
export function video(file, say) {
  const picture = el("video", { class: "video", controls: true, playsinline: true, "aria-label": say("video"), ...sides(file) });
  picture.addEventListener("play", () => hearOnly(picture));
  source(picture, file);
  return picture;
}

/** A silent loop, as messengers show GIFs. */
export function animation(file, say) {
  const picture = el("video", { class: "video", loop: true, controls: true, playsinline: true, "aria-label": say("animation"), ...sides(file) });
  picture.muted = true;
  source(picture, file);
  return picture;
}

/** A round video: a press plays it, another one holds it. */
export function videoNote(file, say) {
  const picture = el("video", { playsinline: true, tabindex: "-1" });
  const time = el("span", { class: "note-time" }, duration(file.duration ?? 0));
  const sign = el("span", { class: "play-sign" }, icon("play"));
  const press = () => (picture.paused ? picture.play().catch(() => {}) : picture.pause());
  const box = el("button", { type: "button", class: "video-note", "aria-label": `${say("videoNote")}: ${say("play")}`, data: { state: "idle" }, on: { click: press } }, picture, sign, time);
  const become = (state, word) => {
    box.dataset.state = state;
    box.setAttribute("aria-label", `${say("videoNote")}: ${say(word)}`);
  };
  picture.addEventListener("play", () => {
    hearOnly(picture);
    become("playing", "pause");
  });
  picture.addEventListener("pause", () => become("paused", "play"));
  picture.addEventListener("ended", () => become("idle", "play"));
  picture.addEventListener("timeupdate", () => {
    const total = Number.isFinite(picture.duration) ? picture.duration : (file.duration ?? 0);
    box.style.setProperty("--played", total ? picture.currentTime / total : 0);
    time.textContent = duration(picture.ended ? total : picture.currentTime);
  });
  source(picture, file);
  return box;
}

const sides = ({ width, height }) => (width && height ? { width, height } : {});

function source(picture, file) {
  const load = () => mediaSource(file.file_id).then(({ url }) => (picture.src = url), () => {});
  whenNear(picture, load);
}
