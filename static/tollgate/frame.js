// Small conveniences of the frame. Every deed works without them.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-switches-theme]")) {
    button.hidden = false;
    button.addEventListener("click", () => document.dispatchEvent(new Event("tollgate:switch-theme")));
  }
  for (const button of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(button.dataset.opens);
    if (!dialog) continue;
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  // A job that was watched has ended: show the page with its result.
  document.addEventListener("htmx:afterSwap", (event) => {
    const before = event.detail.target;
    if (!before || !before.matches || !before.matches(".job-progress")) return;
    const now = document.getElementById(before.id);
    if (now && now.hasAttribute("data-ended")) location.reload();
  });
  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  // The tab of this page is in sight on a small screen.
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab && tab.parentElement.scrollWidth > tab.parentElement.clientWidth) {
    tab.parentElement.scrollLeft = tab.offsetLeft - 16;
  }
})();
