import { el, icon } from "./element.js";

const SHOWN = 4_096;

/** The person's own words on their way to the server; when that fails they stay, with a retry. */
export function pendingBubble(text, say, retry) {
  const state = el("span", { class: "meta" }, icon("clock"));
  const body = el("div", { class: "bubble" }, el("div", { class: "text", dir: "auto" }, text.slice(0, SHOWN)), state);
  const stack = el("div", { class: "stack" }, el("div", { class: "bubble-line" }, body));
  const row = el("article", { class: "row out pending" }, stack);
  const fail = () => {
    row.classList.add("failed");
    const again = el("button", { type: "button", class: "retry" }, icon("refresh"), say("notSent"));
    again.addEventListener("click", () => {
      again.remove();
      row.classList.remove("failed");
      retry();
    });
    stack.append(again);
  };
  return { row, fail };
}
