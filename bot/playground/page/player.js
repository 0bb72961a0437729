import { duration } from "./dates.js";
import { el, icon } from "./element.js";
import { mediaSource, whenNear } from "./media_source.js";
import { bars, loudness } from "./waveform.js";

const SPEEDS = [1, 1.5, 2];
const BARS = 50;
const PARTS = 1_000;
const STEP_SECONDS = 5;

let heard = null;

/** Only one recording or video is heard at a time; `element` takes over. */
export function hearOnly(element) {
  if (heard && heard !== element) heard.pause();
  heard = element;
}

/** A voice message or a music file: play and pause, its course, how long. */
export class SoundPlayer {
  /** `label` names it to screen readers; `wave` draws the sound itself in place of a plain line. */
  constructor(file, { say, label, wave }) {
    this.file = file;
    this.say = say;
    this.wave = wave;
    this.total = file.duration ?? 0;
    this.loading = null;
    this.audio = el("audio", { preload: "auto" });
    this.button = el("button", { type: "button", class: "play", on: { click: () => this.#toggle() } });
    this.course = el("span", { class: "course" });
    this.seek = el("input", { type: "range", class: "seek", min: "0", max: String(PARTS), value: "0", "aria-label": say("placeInRecording") });
    this.time = el("span", { class: "play-time" });
    this.speed = el("button", { type: "button", class: "speed", hidden: true, "aria-label": say("speed"), on: { click: () => this.#faster() } }, "1×");
    const foot = el("div", { class: "sound-foot" }, this.time, this.speed);
    this.element = el(
      "div",
      { class: `sound ${wave ? "voice" : "music"}`, role: "group", "aria-label": label, data: { fileId: file.file_id } },
      this.audio,
      this.button,
      el("div", { class: "sound-body" }, el("div", { class: "track" }, this.course, this.seek), foot),
    );
    this.#listen();
    this.#become("idle");
    if (!wave) return;
    this.#draw(Array(BARS).fill(0));
    whenNear(this.element, () => this.#load().catch(() => {}));
  }

  get #broken() {
    return this.element.dataset.state === "broken";
  }

  #listen() {
    const { audio, seek } = this;
    audio.addEventListener("play", () => {
      hearOnly(audio);
      this.speed.hidden = false;
      this.#become("playing");
      this.#follow();
    });
    audio.addEventListener("pause", () => this.#become("paused"));
    audio.addEventListener("ended", () => {
      audio.currentTime = 0;
      this.speed.hidden = true;
      this.#become("idle");
    });
    audio.addEventListener("loadedmetadata", () => this.#show());
    audio.addEventListener("seeked", () => this.#show());
    audio.addEventListener("error", () => this.#fail());
    seek.addEventListener("input", () => this.#jump((Number(seek.value) / PARTS) * this.total));
    seek.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#jump(audio.currentTime + step * Math.min(STEP_SECONDS, this.total / 10));
    });
  }

  #load() {
    this.loading ??= mediaSource(this.file.file_id).then(
      ({ blob, url }) => {
        this.audio.src = url;
        if (this.wave) loudness(blob, BARS).then((levels) => this.#draw(levels), () => {});
      },
      (error) => {
        this.loading = null;
        throw error;
      },
    );
    return this.loading;
  }

  async #toggle() {
    const { audio } = this;
    if (this.#broken) this.#become("idle");
    else if (!audio.paused) return audio.pause();
    try {
      await this.#load();
      await audio.play();
    } catch (error) {
      if (error.name !== "AbortError") this.#fail();
    }
  }

  async #jump(seconds) {
    try {
      await this.#load();
      this.audio.currentTime = Math.max(0, Math.min(this.total, seconds));
    } catch {
      this.#fail();
    }
  }

  /** Until the next press, which tries from the beginning. */
  #fail() {
    this.loading = null;
    this.#become("broken");
    this.audio.pause();
    this.time.replaceChildren(el("span", { role: "alert" }, this.say("notPlayable")));
  }

  #become(state) {
    if (this.#broken && state !== "idle") return;
    this.element.dataset.state = state;
    const word = state === "playing" ? "pause" : "play";
    this.button.replaceChildren(icon(word));
    this.button.setAttribute("aria-label", this.say(word));
    this.#show();
  }

  #show() {
    if (this.#broken) return;
    const { audio, seek, time } = this;
    if (Number.isFinite(audio.duration) && audio.duration > 0) this.total = audio.duration;
    const at = audio.currentTime;
    const part = this.total ? Math.min(1, at / this.total) : 0;
    this.element.style.setProperty("--played", part);
    seek.value = String(Math.round(part * PARTS));
    seek.setAttribute("aria-valuetext", `${duration(at)} / ${duration(this.total)}`);
    const shown = duration(at > 0 && !audio.ended ? at : this.total);
    if (time.textContent !== shown) time.textContent = shown;
  }

  #follow() {
    if (this.audio.paused || this.#broken || !this.element.isConnected) return;
    this.#show();
    requestAnimationFrame(() => this.#follow());
  }

  #faster() {
    const { audio, speed, say } = this;
    audio.playbackRate = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
    speed.textContent = `${new Intl.NumberFormat(say.language).format(audio.playbackRate)}×`;
  }

  #draw(levels) {
    this.course.replaceChildren(bars(levels), bars(levels));
  }
}
