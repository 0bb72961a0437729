import { el, icon } from "./element.js";

/** Files dragged over `area` may be dropped anywhere on it. `take(files)`; `signal` ends it. */
export function takeDrops(area, say, take, signal) {
  const veil = el("div", { class: "drop-veil", hidden: true }, el("div", { class: "drop-words" }, icon("clip"), say("dropHere")));
  area.append(veil);
  let depth = 0;
  const withFiles = (handle) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    handle(event);
  };
  const cover = (more) => {
    depth = Math.max(0, more);
    veil.hidden = depth === 0;
  };
  area.addEventListener("dragenter", withFiles(() => cover(depth + 1)), { signal });
  area.addEventListener("dragleave", withFiles(() => cover(depth - 1)), { signal });
  // Outside the area the browser would leave the page and open the file.
  addEventListener("dragover", withFiles((event) => (event.dataTransfer.dropEffect = area.contains(event.target) ? "copy" : "none")), { signal });
  addEventListener("drop", withFiles((event) => {
    cover(0);
    if (area.contains(event.target)) take([...event.dataTransfer.files]);
  }), { signal });
}
