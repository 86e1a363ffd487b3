// What is being written is kept in this browser until it is saved, for the case that the session or the power ends.
// <textarea data-draft="deliverable:12" data-draft-base="3">: base is the version on which the text builds.
// <form data-draft="case:7:worth" data-draft-box="draft">: all of its fields; put back by sending them with `more`, which
// shows the form again as it was typed, with as many rows, and saves nothing.
// <... data-draft-saved="deliverable:12">: the page after a save; its draft is no longer needed.
(() => {
  "use strict";
  const PREFIX = "tollgate-draft:";
  const KEEP = 30 * 24 * 3600 * 1000;
  let store;
  try { store = window.localStorage; store.getItem(PREFIX); } catch { return; }
  const put = (key, value) => { try { store.setItem(PREFIX + key, JSON.stringify(value)); } catch { /* full or forbidden */ } };
  const take = (key) => { try { return JSON.parse(store.getItem(PREFIX + key)); } catch { return null; } };
  const drop = (key) => { try { store.removeItem(PREFIX + key); } catch { /* forbidden */ } };

  // Drafts that nobody came back for are not kept for ever.
  for (const name of Object.keys(store).filter((each) => each.startsWith(PREFIX))) {
    const kept = take(name.slice(PREFIX.length));
    if (!kept || Date.now() - kept.at > KEEP) drop(name.slice(PREFIX.length));
  }

  for (const mark of document.querySelectorAll("[data-draft-saved]")) {
    drop(mark.dataset.draftSaved);
    // Loading this address again must not drop what is written from now on.
    const here = new URL(location.href);
    here.searchParams.delete("saved");
    history.replaceState(history.state, "", here);
  }

  for (const area of document.querySelectorAll("textarea[data-draft]")) {
    const key = area.dataset.draft;
    const base = area.dataset.draftBase || "0";
    const box = document.getElementById(area.dataset.draftBox || "");
    const shown = area.value;
    const kept = take(key);
    if (kept && kept.text !== shown && kept.text.trim() && box) {
      const when = new Date(kept.at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
      box.querySelector("[data-draft-when]").textContent = when;
      box.querySelector("[data-draft-other]").hidden = kept.base === base;
      box.hidden = false;
      box.querySelector("[data-draft-use]").addEventListener("click", () => {
        area.value = kept.text;
        // The save then builds on the version that was being edited, so a version in between is noticed.
        const expected = area.form && area.form.elements.namedItem("expected_number");
        if (expected) expected.value = kept.base;
        box.hidden = true;
        area.focus();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      });
      box.querySelector("[data-draft-drop]").addEventListener("click", () => {
        drop(key);
        box.hidden = true;
        area.focus();
      });
    }
    let timer = 0;
    const keep = () => {
      const expected = area.form && area.form.elements.namedItem("expected_number");
      if (area.value !== shown) put(key, { text: area.value, base: expected ? expected.value : base, at: Date.now() });
    };
    area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
    area.addEventListener("change", keep);
    window.addEventListener("pagehide", keep);
  }

  // A form of many rows. What is empty or only counts does not make two texts differ.
  const UNSAID = /^(csrfmiddlewaretoken|expected_number|more)$|-count$/;
  const typedIn = (form) => [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  const saying = (fields) => JSON.stringify(fields.filter(([name, value]) => !UNSAID.test(name) && value.trim() !== ""));
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = form.dataset.draft;
    const box = document.getElementById(form.dataset.draftBox || "");
    const shown = saying(typedIn(form));
    const kept = take(key);
    const base = form.elements.namedItem("expected_number");
    if (kept && Array.isArray(kept.fields) && saying(kept.fields) !== shown && box) {
      box.querySelector("[data-draft-when]").textContent = new Date(kept.at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
      const built = kept.fields.find(([name]) => name === "expected_number");
      box.querySelector("[data-draft-other]").hidden = !built || !base || built[1] === base.value;
      box.hidden = false;
      box.querySelector("[data-draft-use]").addEventListener("click", () => {
        const again = document.createElement("form");
        again.method = "post";
        again.hidden = true;
        const token = form.elements.namedItem("csrfmiddlewaretoken");
        const fields = [...kept.fields, ["more", "kept"], ["csrfmiddlewaretoken", token ? token.value : ""]];
        for (const [name, value] of fields) {
          const field = document.createElement("textarea"); // keeps line ends
          field.name = name;
          field.value = value;
          again.append(field);
        }
        document.body.append(again);
        again.submit();
      });
      box.querySelector("[data-draft-drop]").addEventListener("click", () => {
        drop(key);
        box.hidden = true;
      });
    }
    let timer = 0;
    const keep = () => {
      const fields = typedIn(form);
      if (saying(fields) !== shown) put(key, { fields, at: Date.now() });
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
    form.addEventListener("change", keep);
    window.addEventListener("pagehide", keep);
  }

  // The key of a new project follows its name until somebody writes one.
  for (const field of document.querySelectorAll("input[data-key-from]")) {
    const source = document.getElementById(field.dataset.keyFrom);
    if (!source) continue;
    let follows = field.value === "";
    field.addEventListener("input", () => { follows = field.value === ""; });
    source.addEventListener("input", () => {
      if (!follows) return;
      field.value = source.value.replace(/ß/g, "ss").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
        .replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40).replace(/-+$/, "");
    });
  }
})();
