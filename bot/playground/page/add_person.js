import { el } from "./element.js";

/** The form for a new person; `add(name, languageCode)` resolves to whether it worked. */
export function personForm(say, add, extra = null) {
  const name = el("input", {
    class: "text-input",
    name: "first_name",
    required: true,
    maxlength: "64",
    dir: "auto",
    autocomplete: "off",
    placeholder: say("namePlaceholder"),
    autofocus: true,
  });
  const choice = (code, title) =>
    el(
      "label",
      { class: "segment" },
      el("input", { type: "radio", name: "language", value: code, checked: code === say.language }),
      el("span", {}, title),
    );
  const button = el("button", { type: "submit", class: "button primary" }, say("add"));
  const submit = async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return;
    button.disabled = true;
    await add(name.value.trim(), form.elements.language.value);
    button.disabled = false;
  };
  const form = el(
    "form",
    { class: "person-form", on: { submit } },
    el("label", { class: "labelled" }, el("span", {}, say("name")), name),
    el(
      "fieldset",
      { class: "labelled" },
      el("legend", {}, say("language")),
      el("div", { class: "segments" }, choice("ru", "Русский"), choice("en", "English")),
    ),
    el("div", { class: "dialog-buttons" }, extra, button),
  );
  return form;
}

export function askForPerson(say, add) {
  const cancel = el("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, say("cancel"));
  const form = personForm(
    say,
    async (...words) => {
      if (await add(...words)) dialog.close();
    },
    cancel,
  );
  const dialog = el(
    "dialog",
    { class: "dialog", "aria-labelledby": "add-person-title", on: { close: () => dialog.remove() } },
    el("h2", { id: "add-person-title" }, say("addPerson")),
    el("p", { class: "about" }, say("addPersonAbout")),
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
}
