import { el } from "./element.js";

/** Where the parts of an open chat stand, and the places that are empty until they are needed. */
export function chatFrame(say, { head, timeline, foot, unblock }) {
  const pane = el("div", { class: "pane", tabindex: "-1" }, timeline);
  const emptySlot = el("div", { class: "empty-slot", hidden: true });
  const banner = el("div", { class: "banner", role: "status", hidden: true }, el("span", { class: "spinner" }), say("offline"));
  const button = el("button", { type: "button", class: "button primary", on: { click: unblock } }, say("unblock"));
  const blockedBar = el("div", { class: "blocked-bar", hidden: true }, el("span", {}, say("blockedAbout")), button);
  const body = el("div", { class: "chat-body" }, el("div", { class: "wallpaper" }), pane, emptySlot);
  const parts = [head, banner, body, el("footer", { class: "chat-foot" }, blockedBar, ...foot)];
  return { parts, body, pane, emptySlot, banner, blockedBar };
}
