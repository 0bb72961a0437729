const OPENABLE = new Set(["http:", "https:", "mailto:", "tg:"]);
const PLAIN = /(https?:\/\/[^\s<>"'«»]+[^\s<>"'«».,;:!?)\]}])|(?<![\p{L}\p{N}_/@])(\/[a-z0-9_]{1,32})(?:@\w+)?(?![\p{L}\p{N}_/])/giu;

/** The address to open, or null for a scheme that could run code or read the disk. */
export function openable(address) {
  const text = String(address ?? "").trim();
  const candidate = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  try {
    const url = new URL(candidate);
    return OPENABLE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Addresses and commands in text that came without entities for them, as entities. */
export function detected(text) {
  const found = [];
  for (const match of text.matchAll(PLAIN)) {
    found.push({ type: match[1] ? "url" : "bot_command", offset: match.index, length: match[0].length });
  }
  return found;
}
