// Loaded in the head before anything is painted: the device's choice, else the system's.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try { return localStorage.getItem("tollgate-theme"); } catch { return null; }
  };
  const show = () => {
    root.dataset.bsTheme = kept() || (system.matches ? "dark" : "light");
    document.dispatchEvent(new Event("tollgate:theme"));
  };
  root.classList.add("js");
  show();
  system.addEventListener("change", show);
  window.addEventListener("storage", show);
  document.addEventListener("tollgate:switch-theme", () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      // Back to what the system says: nothing to keep.
      if (next === (system.matches ? "dark" : "light")) localStorage.removeItem("tollgate-theme");
      else localStorage.setItem("tollgate-theme", next);
    } catch { /* private windows may refuse; the page then follows the system */ }
    root.dataset.bsTheme = next;
    document.dispatchEvent(new Event("tollgate:theme"));
  });
})();
