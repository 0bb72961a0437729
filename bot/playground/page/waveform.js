import { SVG } from "./element.js";

const STEP = 4;
const HEIGHT = 26;
const LEAST = 3;
const RATE = 8_000;

/** Loudness of `count` equal pieces, 0 to 1. Rejects where the browser cannot decode the sound. */
export async function loudness(blob, count) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = (await context.decodeAudioData(await blob.arrayBuffer())).getChannelData(0);
  const piece = sound.length / count;
  const levels = Array.from({ length: count }, (_, at) => {
    let sum = 0;
    const [from, to] = [Math.floor(at * piece), Math.floor((at + 1) * piece)];
    for (let n = from; n < to; n += 1) sum += sound[n] * sound[n];
    return Math.sqrt(sum / Math.max(1, to - from));
  });
  const loudest = Math.max(...levels, 0.01);
  return levels.map((level) => level / loudest);
}

/** A picture of bars; an empty `levels` of that length is a flat line. */
export function bars(levels) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${levels.length * STEP} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  const line = (level, at) => {
    const half = (LEAST + (HEIGHT - LEAST - 2) * level) / 2;
    return `M${at * STEP + STEP / 2} ${HEIGHT / 2 - half}v${2 * half}`;
  };
  path.setAttribute("d", levels.map(line).join(""));
  svg.append(path);
  return svg;
}
