import { duration } from "./dates.js";
import { el, icon } from "./element.js";
import { mediaSource, whenNear } from "./media_source.js";
import { bars, loudness } from "./waveform.js";

const SPEEDS = [1, 1.5, 2];
const BARS = 50;

let playing = null;

/** Only one recording or video is heard at a time; `element` takes over. */
export function hearOnly(element) {
  if (playing && playing !== element) playing.pause();
  playing = element;
}

/**
 * A voice message or a music file: play and pause, its course, how long. `wave` draws the sound
 * itself in place of a plain line.
 */
export function soundPlayer(file, { say, label, wave }) {
  const state = { total: file.duration ?? 0, loading: null };
  const audio = el("audio", { preload: "auto" });
  const sign = el("span", { class: "play-sign" }, icon("play"));
  const button = el("button", { type: "button", class: "play", "aria-label": say("play"), on: { click: () => toggle() } }, sign);
  const course = el("span", { class: "course" });
  const seek = el("input", { type: "range", class: "seek", min: "0", max: "1000", value: "0", "aria-label": say("placeInRecording") });
  const time = el("span", { class: "play-time" });
  const speed = el("button", { type: "button", class: "speed", hidden: true, "aria-label": say("speed"), on: { click: () => faster() } }, "1×");
  const box = el(
    "div",
    { class: `sound ${wave ? "voice" : "music"}`, role: "group", "aria-label": label, data: { state: "idle", fileId: file.file_id } },
    audio,
    button,
    el("div", { class: "sound-body" }, el("div", { class: "track" }, course, seek), el("div", { class: "sound-foot" }, time, speed)),
  );
  const draw = (levels) => course.replaceChildren(bars(levels), bars(levels));

  const load = () => {
    state.loading ??= mediaSource(file.file_id).then(({ blob, url }) => {
      audio.src = url;
      if (wave) loudness(blob, BARS).then(draw, () => {});
    });
    return state.loading;
  };
  async function toggle() {
    if (!audio.paused) return audio.pause();
    try {
      await load();
      await audio.play();
    } catch (error) {
      state.loading = null;
      if (error.name !== "AbortError") broken();
    }
  }
  function broken() {
    box.dataset.state = "broken";
    time.textContent = say("notPlayable");
    time.setAttribute("role", "status");
  }
  function show() {
    const known = Number.isFinite(audio.duration) && audio.duration > 0;
    if (known) state.total = audio.duration;
    const at = audio.currentTime;
    const part = state.total ? Math.min(1, at / state.total) : 0;
    box.style.setProperty("--played", part);
    if (document.activeElement !== seek || !audio.paused) seek.value = String(Math.round(part * 1000));
    const started = at > 0 && !audio.ended;
    time.textContent = duration(started ? at : state.total);
    seek.setAttribute("aria-valuetext", `${duration(at)} / ${duration(state.total)}`);
  }
  function follow() {
    if (audio.paused || !box.isConnected) return;
    show();
    requestAnimationFrame(follow);
  }
  function faster() {
    const next = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
    audio.playbackRate = next;
    speed.textContent = `${new Intl.NumberFormat(say.language).format(next)}×`;
  }
  const become = (name, label) => {
    box.dataset.state = name;
    sign.replaceChildren(icon(name === "playing" ? "pause" : "play"));
    button.setAttribute("aria-label", label);
    show();
  };
  audio.addEventListener("play", () => {
    hearOnly(audio);
    speed.hidden = false;
    become("playing", say("pause"));
    follow();
  });
  audio.addEventListener("pause", () => become("paused", say("play")));
  audio.addEventListener("ended", () => {
    audio.currentTime = 0;
    speed.hidden = true;
    become("idle", say("play"));
  });
  audio.addEventListener("loadedmetadata", show);
  audio.addEventListener("seeked", show);
  audio.addEventListener("error", () => audio.src && broken());
  seek.addEventListener("input", async () => {
    await load().catch(broken);
    if (state.total) audio.currentTime = (Number(seek.value) / 1000) * state.total;
  });
  if (wave) {
    draw(Array(BARS).fill(0));
    whenNear(box, () => load().catch(() => (state.loading = null)));
  }
  show();
  return box;
}
