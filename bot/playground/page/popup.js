import { el, icon } from "./element.js";

/**
 * A small menu beside `anchor` (an element, or a point {x, y}). `items`: {icon, label, run, danger?}.
 * Arrow keys walk, Escape closes and gives the focus back.
 */
export function popup(anchor, items, label) {
  const before = document.activeElement;
  const buttons = items.map((item) =>
    el(
      "button",
      { type: "button", role: "menuitem", class: item.danger ? "danger" : "", on: { click: () => choose(item) } },
      icon(item.icon),
      el("span", {}, item.label),
    ),
  );
  const menu = el("div", { class: "popup", role: "menu", "aria-label": label }, buttons);
  const layer = el("div", { class: "popup-layer" }, menu);

  const close = () => {
    layer.remove();
    before?.focus?.({ preventScroll: true });
  };
  const choose = (item) => {
    close();
    item.run();
  };
  layer.addEventListener("pointerdown", (event) => {
    if (event.target === layer) close();
  });
  layer.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    if (event.target === layer) close();
  });
  menu.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (step) buttons[(at + step + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(layer);
  place(menu, anchor);
  buttons[0]?.focus();
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect?.() ?? { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = box.left + width > innerWidth - 8 ? box.right - width : box.left;
  const top = box.bottom + height > innerHeight - 8 ? box.top - height - 4 : box.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, top)}px`;
}
