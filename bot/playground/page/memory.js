/** What this browser remembers between visits. A browser that forbids storage only forgets. */

const UNSENT = 50_000;

function read(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

function write(key, value) {
  try {
    if (value === null || value === "") localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}

export const unsentText = (person) => read(`unsent:${person}`, "");
export const keepUnsentText = (person, text) => write(`unsent:${person}`, text.slice(0, UNSENT));

export const lastRead = (person) => read(`read:${person}`, 0);
export const keepLastRead = (person, messageId) => {
  if (messageId > lastRead(person)) write(`read:${person}`, messageId);
};

export const lastPerson = () => read("person", null);
export const keepLastPerson = (person) => write("person", person);
