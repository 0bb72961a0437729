import { wav } from "./wav.js";

// A rate that Opus knows, so that nothing has to be stretched on the way to a voice message.
const RATE = 24_000;
const SOUND = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * A recording in progress. `open` asks the browser for the microphone and rejects with a
 * MicrophoneError; `stop` gives {blob, seconds}; `cancel` lets everything go.
 */
export class Microphone {
  /** `onBlock({level, seconds})`: loudness 0 to 1 of the newest piece and the length so far. */
  static async open(onBlock) {
    if (!navigator.mediaDevices || !window.AudioWorklet) throw new MicrophoneError("micInsecure");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: SOUND });
    } catch (error) {
      throw new MicrophoneError({ NotAllowedError: "micDenied", NotFoundError: "micMissing" }[error.name] ?? "micBusy");
    }
    const microphone = new Microphone(stream, onBlock);
    try {
      await microphone.#listen();
    } catch {
      microphone.cancel();
      throw new MicrophoneError("micBusy");
    }
    return microphone;
  }

  constructor(stream, onBlock) {
    this.stream = stream;
    this.onBlock = onBlock;
    this.chunks = [];
    this.samples = 0;
  }

  async stop() {
    await new Promise((resolve) => {
      this.finished = resolve;
      this.recorder.port.postMessage("end");
    });
    this.cancel();
    return { blob: wav(this.chunks, this.context.sampleRate), seconds: this.samples / this.context.sampleRate };
  }

  cancel() {
    for (const track of this.stream.getTracks()) track.stop();
    if (this.context?.state !== "closed") this.context?.close();
  }

  async #listen() {
    this.context = new AudioContext({ sampleRate: RATE });
    let source;
    try {
      source = this.context.createMediaStreamSource(this.stream);
    } catch {
      // Firefox does not change the rate of a microphone.
      this.context.close();
      this.context = new AudioContext();
      source = this.context.createMediaStreamSource(this.stream);
    }
    await this.context.audioWorklet.addModule("/page/recorder_worklet.js");
    this.recorder = new AudioWorkletNode(this.context, "recorder", { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this.recorder.port.onmessage = ({ data }) => (data ? this.#take(data) : this.finished());
    source.connect(this.recorder);
    await this.context.resume();
  }

  #take(block) {
    this.chunks.push(block);
    this.samples += block.length;
    let sum = 0;
    for (const sample of block) sum += sample * sample;
    const loud = Math.sqrt(sum / Math.max(1, block.length)) / 32768;
    this.onBlock({ level: Math.min(1, Math.sqrt(loud * 4)), seconds: this.samples / this.context.sampleRate });
  }
}

/** The message is a key of words.js that says why there is no microphone. */
export class MicrophoneError extends Error {}
