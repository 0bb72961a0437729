export const SVG = "http://www.w3.org/2000/svg";

/**
 * Build a DOM element. Strings become text nodes, so data can never become markup.
 * Properties: `class`, `on` ({event: listener}), `data` (dataset); the rest are attributes,
 * where `true` means present and `false`, `null`, `undefined` mean absent.
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else if (name === "class") {
      node.className = value;
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onClick, className = "") {
  return el(
    "button",
    { type: "button", class: `icon-button ${className}`.trim(), "aria-label": label, title: label, on: { click: onClick } },
    icon(name),
  );
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const narrow = () => matchMedia("(max-width: 720px)").matches;
