const PHOTO_TYPES = new Set(["image/jpeg", "image/png", "image/webp", "image/avif", "image/bmp"]);
const PHOTO_SIDE = 2560;
const NARROWEST = 20;
const QUALITY = 0.87;
const META_MS = 5_000;

export const MOST_BYTES = 50 * 1024 * 1024;
export const MOST_FILES = 100;
export const ALBUM = 10;

/**
 * A chosen file and what it can be sent as: {file, kind: photo | audio | video | document, url,
 * duration}. `url` shows a photo until `letGo`. Rejects with a PickError.
 */
export async function pick(file) {
  if (file.size === 0) throw new PickError("emptyFile", file.name);
  if (file.size > MOST_BYTES) throw new PickError("tooBig", file.name);
  if (PHOTO_TYPES.has(file.type) && (await isPhoto(file))) {
    return { file, kind: "photo", url: URL.createObjectURL(file), duration: 0 };
  }
  const kind = /^(audio|video)\//.exec(file.type)?.[1] ?? "document";
  const length = kind === "document" ? null : await lengthOf(file, kind);
  return { file, kind: length === null ? "document" : kind, url: null, duration: length ?? 0 };
}

/** The message is a key of words.js, about the file called `fileName`. */
export class PickError extends Error {
  constructor(message, fileName) {
    super(message);
    this.fileName = fileName;
  }
}

export const letGo = ({ url }) => url && URL.revokeObjectURL(url);

/** A photo as messengers send it: a JPEG of at most 2560 pixels a side, without what cameras note. */
export async function asPhoto(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

/** What the browser cannot read, and what no messenger shows as a photo, goes as a file. */
async function isPhoto(file) {
  try {
    const { width, height } = await createImageBitmap(file).then((picture) => {
      const sides = { width: picture.width, height: picture.height };
      picture.close();
      return sides;
    });
    return Math.max(width, height) <= NARROWEST * Math.min(width, height);
  } catch {
    return false;
  }
}

/** Whole seconds, at least one; null where the browser cannot play it. */
function lengthOf(file, kind) {
  const url = URL.createObjectURL(file);
  const player = document.createElement(kind);
  const known = new Promise((resolve) => {
    player.addEventListener("loadedmetadata", () => resolve(Number.isFinite(player.duration) ? Math.max(1, Math.round(player.duration)) : 0));
    player.addEventListener("error", () => resolve(null));
    setTimeout(() => resolve(null), META_MS);
  });
  player.preload = "metadata";
  player.src = url;
  return known.finally(() => {
    player.removeAttribute("src");
    URL.revokeObjectURL(url);
  });
}
