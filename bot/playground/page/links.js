const OPENABLE = new Set(["http:", "https:", "mailto:", "tg:"]);

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
