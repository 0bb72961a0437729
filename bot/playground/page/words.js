import en from "./words_en.js";
import ru from "./words_ru.js";

const WORDS = { ru, en };

/** The page speaks Russian to people whose Telegram speaks Russian, English to everyone else. */
export function languageOf(code) {
  return (code ?? "").toLowerCase().startsWith("ru") ? "ru" : "en";
}

/** Returns `say(key, values)`; with `n` among the values the word follows the language's plural rule. */
export function wordsIn(language) {
  const words = WORDS[language];
  const plurals = new Intl.PluralRules(language);
  const say = (key, values = {}) => {
    const entry = words[key];
    const text = typeof entry === "string" ? entry : (entry[plurals.select(values.n)] ?? entry.many ?? entry.other);
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  };
  /** Why a request was refused; the server names reasons by machine names. */
  say.refusal = ({ status, message }) => {
    if (!status) return words.unreachable;
    return Object.hasOwn(words.reasons, message) ? words.reasons[message] : say("failed", { reason: message });
  };
  say.language = language;
  return say;
}
