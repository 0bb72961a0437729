import { el } from "./element.js";

const fold = new ResizeObserver((entries) => {
  for (const { target } of entries) measure(target.parentElement);
});

/** A quote of which three lines are shown; the rest opens by a button, if there is a rest. */
export function foldedQuote(say) {
  const inner = el("div", { class: "quote-text", dir: "auto" });
  const button = el("button", { type: "button", class: "unfold", "aria-expanded": "false", hidden: true }, say("expand"));
  const outer = el("blockquote", { class: "foldable collapsed" }, inner, button);
  const turn = () => {
    const collapsed = outer.classList.toggle("collapsed");
    button.textContent = say(collapsed ? "expand" : "collapse");
    button.setAttribute("aria-expanded", String(!collapsed));
  };
  button.addEventListener("click", turn);
  inner.addEventListener("click", (event) => {
    const selecting = !getSelection().isCollapsed;
    if (outer.matches(".collapsed.longer") && !selecting && !event.target.closest("a, button, [role=button], code")) turn();
  });
  fold.observe(inner);
  return { outer, inner };
}

/** Whether three lines are enough depends on the width, so it is asked again when that changes. */
function measure(quote) {
  if (!quote?.classList.contains("collapsed")) return;
  const [inner, button] = quote.children;
  const longer = inner.scrollHeight > inner.clientHeight + 1;
  quote.classList.toggle("longer", longer);
  button.hidden = !longer;
}
