import { fileAddress } from "./api.js";

const MOST_KEPT = 48;
const kept = new Map();

/**
 * The whole file as {blob, url}, fetched once however many players ask. Players read it from memory,
 * so that any place of a recording can be jumped to.
 */
export function mediaSource(fileId) {
  let source = kept.get(fileId);
  if (!source) {
    source = load(fileId);
    source.catch(() => kept.delete(fileId));
  }
  kept.delete(fileId);
  kept.set(fileId, source);
  if (kept.size > MOST_KEPT) forget(kept.keys().next().value);
  return source;
}

async function load(fileId) {
  const response = await fetch(fileAddress(fileId));
  if (!response.ok) throw new Error(response.statusText);
  const blob = await response.blob();
  return { blob, url: URL.createObjectURL(blob) };
}

function forget(fileId) {
  kept.get(fileId).then(({ url }) => URL.revokeObjectURL(url), () => {});
  kept.delete(fileId);
}

const waiting = new WeakMap();
const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    sight.unobserve(target);
    waiting.get(target)();
  }
}, { rootMargin: "300px" });

/** Call `run` once, when the element comes into sight or near it. */
export function whenNear(element, run) {
  waiting.set(element, run);
  sight.observe(element);
}
