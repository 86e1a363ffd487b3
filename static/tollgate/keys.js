// Keys: j and k move between rows, Enter opens, 1 to 4 unfold an answer of a decision, / searches, ? shows the list. Never while somebody types.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-keys] > li .what, [data-keys] > tr .what")];
  const move = (step) => {
    const links = rows();
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))].focus();
  };
  const unfold = (number) => {
    const answer = document.querySelectorAll("details[name=verdict]")[number - 1];
    if (!answer) return;
    answer.open = true;
    answer.querySelector("textarea, select, input:not([type=hidden])").focus();
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
      1: () => unfold(1),
      2: () => unfold(2),
      3: () => unfold(3),
      4: () => unfold(4),
      "?": () => document.getElementById("keys").showModal(),
    };
    if (Object.hasOwn(deeds, event.key)) { event.preventDefault(); deeds[event.key](); }
  });
})();
