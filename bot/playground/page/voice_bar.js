import { duration } from "./dates.js";
import { el, icon, iconButton } from "./element.js";
import { Microphone, MicrophoneError } from "./microphone.js";

const LONGEST_SECONDS = 15 * 60;
const SHORTEST_SECONDS = 0.5;
const LEVELS = 110;

/**
 * Recording a voice message; stands in the composer's place while it lasts. `calls`:
 * send({blob, seconds}), toast(text), changed(isRecording).
 */
export class VoiceBar {
  constructor(say, calls) {
    this.say = say;
    this.calls = calls;
    this.microphone = null;
    this.turn = 0;
    this.time = el("span", { class: "voice-time", role: "timer", "aria-label": say("recordingTime") });
    this.levels = el("span", { class: "levels", "aria-hidden": "true" }, Array.from({ length: LEVELS }, () => el("i")));
    this.sendButton = el("button", { type: "button", class: "send voice-send", "aria-label": say("sendVoice"), title: say("sendVoice"), on: { click: () => this.#send() } }, icon("send"));
    const onKey = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    };
    this.element = el(
      "div",
      { class: "voice-bar", role: "group", "aria-label": say("recording"), hidden: true, on: { keydown: onKey } },
      iconButton("trash", say("cancelRecording"), () => this.cancel(), "voice-cancel"),
      el("span", { class: "voice-dot" }),
      this.time,
      this.levels,
      this.sendButton,
    );
    this.button = iconButton("mic", say("recordVoice"), () => this.start(), "mic");
  }

  get active() {
    return !this.element.hidden;
  }

  async start() {
    if (this.active) return;
    const turn = ++this.turn;
    this.#become("asking");
    this.#show({ level: 0, seconds: 0 });
    for (const bar of this.levels.children) bar.style.removeProperty("--level");
    this.element.hidden = false;
    this.calls.changed(true);
    this.sendButton.focus();
    try {
      const microphone = await Microphone.open((block) => this.#heard(block));
      // Cancelled while the browser was still asking.
      if (turn !== this.turn) return microphone.cancel();
      this.microphone = microphone;
      this.#become("recording");
    } catch (error) {
      if (turn !== this.turn) return;
      this.cancel();
      this.calls.toast(this.say(error instanceof MicrophoneError ? error.message : "micBusy"));
    }
  }

  cancel() {
    this.turn += 1;
    this.microphone?.cancel();
    this.#leave();
  }

  async #send() {
    const { microphone, turn } = this;
    if (!microphone) return;
    this.microphone = null;
    const recording = await microphone.stop();
    if (turn !== this.turn) return;
    this.#leave();
    if (recording.seconds < SHORTEST_SECONDS) this.calls.toast(this.say("tooShort"));
    else this.calls.send(recording);
  }

  #leave() {
    this.microphone = null;
    if (!this.active) return;
    this.element.hidden = true;
    this.calls.changed(false);
  }

  async #heard(block) {
    if (this.element.dataset.state !== "recording") return;
    this.#show(block);
    const bar = this.levels.firstElementChild;
    bar.style.setProperty("--level", block.level.toFixed(2));
    this.levels.append(bar);
    if (block.seconds < LONGEST_SECONDS) return;
    this.calls.toast(this.say("longestVoice", { minutes: LONGEST_SECONDS / 60 }));
    await this.#send();
  }

  #show({ seconds }) {
    this.time.dataset.seconds = Math.floor(seconds);
    this.time.textContent = duration(Math.floor(seconds));
  }

  #become(state) {
    this.element.dataset.state = state;
    // Not `disabled`: it holds the focus, and with it Escape, while the browser is asking.
    this.sendButton.setAttribute("aria-disabled", String(state !== "recording"));
  }
}
