import { el } from "./element.js";

const HUES = [168, 200, 258, 322, 14, 40, 96];

function hueOf(seed) {
  let sum = 0;
  for (const letter of String(seed)) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return HUES[sum % HUES.length];
}

const initial = (word) => Array.from((word ?? "").normalize("NFC").replace(/\p{M}/gu, "").trim())[0] ?? "";

export const fullName = (person) => [person.first_name, person.last_name].filter(Boolean).join(" ");

export function avatar(person) {
  const letters = (initial(person.first_name) + initial(person.last_name)).toUpperCase() || "?";
  return el("span", { class: "avatar", "aria-hidden": "true", style: `--hue:${hueOf(person.id)}` }, letters);
}

export const botAvatar = () => el("span", { class: "avatar bot-avatar", "aria-hidden": "true" });
