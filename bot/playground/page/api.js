const ROOT = "/playground";
const TIMEOUT_MS = 20_000;

/** A request the server refused (the message is a machine name) or that never reached it (`status` 0). */
export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function request(path, body) {
  const options = { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(ROOT + path, options);
  } catch (error) {
    throw new RequestError(0, error.message);
  }
  const content = await response.text();
  let value = null;
  try {
    value = content ? JSON.parse(content) : null;
  } catch {
    if (response.ok) throw new RequestError(response.status, content.slice(0, 200));
  }
  if (!response.ok) {
    throw new RequestError(response.status, value?.error ?? response.statusText);
  }
  return value;
}

/**
 * Send a form with files. `progress(part)` hears how much has left, 0 to 1; `signal` breaks it off.
 * No deadline: a large file may take its time.
 */
function upload(path, form, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", ROOT + path);
    call.responseType = "json";
    call.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    call.addEventListener("load", () => {
      if (call.status === 200 && call.response) resolve(call.response);
      else reject(new RequestError(call.status, call.response?.error ?? call.statusText));
    });
    for (const name of ["error", "timeout", "abort"]) call.addEventListener(name, () => reject(new RequestError(0, name)));
    signal.addEventListener("abort", () => call.abort());
    if (signal.aborted) reject(new RequestError(0, "abort"));
    else call.send(form);
  });
}

const chat = (person) => `/chats/${encodeURIComponent(person)}`;

export const listBots = () => request("/bots");
export const listPeople = () => request("/people");
export const addPerson = (first_name, language_code) => request("/people", { first_name, language_code });
export const listHints = (language) => request(`/hints?lang=${language}`).then((answer) => answer?.hints ?? []);

export const readChat = (person) => request(chat(person));
export const eventsAddress = (person) => `${ROOT}${chat(person)}/events`;
export const sendMessage = (person, message) => request(`${chat(person)}/messages`, message);
/** One file is a message; several are the messages of one album. */
export const sendFiles = (person, form, calls) => upload(`${chat(person)}/${form.has("file1") ? "albums" : "files"}`, form, calls);
export const editMessage = (person, message_id, text) => request(`${chat(person)}/edits`, { message_id, text });
export const pressButton = (person, message_id, data) => request(`${chat(person)}/presses`, { message_id, data });
export const stopDraft = (person, draft_id) => request(`${chat(person)}/stops`, { draft_id });
export const blockBot = (person, blocked) => request(`${chat(person)}/block`, { blocked });
export const startBot = (person) => request(`${chat(person)}/start`, {});
export const fileAddress = (file_id) => `${ROOT}/files/${encodeURIComponent(file_id)}`;
