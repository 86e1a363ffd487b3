// Keys: j and k move between rows, Enter opens, / searches, ? shows the list. Never while somebody types.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-keys] > li .what, [data-keys] > tr .what")];
  const move = (step) => {
    const links = rows();
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))].focus();
  };
  const ways = { w: "/", p: "/projects/", v: "/value/" };
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const field = event.target.closest("input, textarea, select, [contenteditable], dialog[open]");
    if (field || !document.querySelector(".rail .ways")) return;
    if (going) {
      going = false;
      if (ways[event.key]) { event.preventDefault(); location.assign(ways[event.key]); }
      return;
    }
    const deeds = {
      j: () => move(1),
      k: () => move(-1),
      g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
      "/": () => {
        const search = document.querySelector("input[type=search]");
        if (search) search.focus(); else location.assign("/search/");
      },
      "?": () => document.getElementById("keys").showModal(),
    };
    if (Object.hasOwn(deeds, event.key)) { event.preventDefault(); deeds[event.key](); }
  });
})();
