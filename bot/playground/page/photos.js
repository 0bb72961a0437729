import { fileAddress } from "./api.js";
import { el } from "./element.js";
import { video } from "./video.js";
import { viewPhotos } from "./viewer.js";

const WIDEST = 440;
const TALLEST = 420;
const SHARP = 800;

/** One photo, or the photos and videos of an album as a grid. A press shows a photo large. */
export function photos(messages, say) {
  const withPhoto = messages.filter((message) => message.photo?.length);
  const shown = withPhoto.map((message) => ({ fileId: largest(message.photo).file_id, caption: message.caption }));
  const tiles = messages.map((message) => {
    if (message.video) return video(message.video, say);
    const { width, height } = largest(message.photo);
    const image = el("img", { src: fileAddress(sharp(message.photo).file_id), alt: message.caption ?? "", width, height, loading: "lazy", decoding: "async" });
    const label = message.caption ? `${say("photo")}: ${message.caption}` : say("photo");
    const open = () => viewPhotos(shown, withPhoto.indexOf(message), say);
    return el("button", { type: "button", class: "photo", "aria-label": label, on: { click: open } }, image);
  });
  if (tiles.length > 1) return el("div", { class: "album", data: { count: tiles.length } }, tiles);
  const [tile] = tiles;
  if (messages[0].photo) tile.style.width = `${fitting(largest(messages[0].photo))}px`;
  return tile;
}

const largest = (sizes) => sizes.reduce((best, size) => (size.width > best.width ? size : best));

/** The smallest copy that is not blurred in a bubble. */
const sharp = (sizes) => [...sizes].sort((a, b) => a.width - b.width).find(({ width, height }) => Math.max(width, height) >= SHARP) ?? largest(sizes);

/** The width that keeps a photo small enough to read on around it. */
const fitting = ({ width, height }) => Math.max(120, Math.round(Math.min(width, WIDEST, (width * TALLEST) / height)));
