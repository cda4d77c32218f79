"use strict";
(() => {
  const root = document.documentElement, button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const name = () => { button.textContent = now() === "dark" ? "Light colours" : "Dark colours"; };
  const keep = (theme) => { try { localStorage.setItem("toolbench-theme", theme); } catch { /* nothing is kept */ } };
  try { const kept = localStorage.getItem("toolbench-theme"); if (kept) root.dataset.theme = kept; } catch { /* as the system says */ }
  button.hidden = false;
  name();
  dark.addEventListener("change", name);
  button.addEventListener("click", () => { root.dataset.theme = now() === "dark" ? "light" : "dark"; keep(root.dataset.theme); name(); });

  const open = (element) => { for (let at = element; at; at = at.parentElement) { if (at.tagName === "DETAILS") at.open = true; } };
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    open(target);
    const inside = target.querySelector(":scope > details");
    if (inside) inside.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  for (const part of document.querySelectorAll(".tools[hidden]")) part.hidden = false;
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-fold]");
    if (!pressed) return;
    const held = document.getElementById(pressed.getAttribute("aria-controls"));
    for (const each of held.querySelectorAll("details")) each.open = pressed.dataset.fold === "open";
  });
  for (const form of document.querySelectorAll("form[data-live]")) {
    form.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") form.requestSubmit(); });
    form.addEventListener("submit", () => { for (const each of form.elements) if (each.name && !each.value) each.disabled = true; });
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll(".trace > details:not([open]), .branch:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
})();
