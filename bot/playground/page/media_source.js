import { fileAddress } from "./api.js";

const MOST_BYTES = 300 * 1024 * 1024;
const kept = new Map();

/**
 * The whole file as {blob, url}, fetched once however many players ask. Players read it from memory,
 * so that any place of a recording can be jumped to. What was asked for longest ago is let go first.
 */
export function mediaSource(fileId) {
  const entry = kept.get(fileId) ?? { bytes: 0 };
  kept.delete(fileId);
  kept.set(fileId, entry);
  entry.source ??= load(fileId, entry).catch((error) => {
    kept.delete(fileId);
    throw error;
  });
  return entry.source;
}

async function load(fileId, entry) {
  const response = await fetch(fileAddress(fileId));
  if (!response.ok) throw new Error(response.statusText);
  const blob = await response.blob();
  entry.bytes = blob.size;
  entry.url = URL.createObjectURL(blob);
  letGoOfOld(entry);
  return { blob, url: entry.url };
}

function letGoOfOld(newest) {
  let bytes = [...kept.values()].reduce((sum, entry) => sum + entry.bytes, 0);
  for (const [fileId, entry] of kept) {
    if (bytes <= MOST_BYTES) return;
    if (entry === newest || !entry.url) continue;
    kept.delete(fileId);
    bytes -= entry.bytes;
    URL.revokeObjectURL(entry.url);
  }
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
