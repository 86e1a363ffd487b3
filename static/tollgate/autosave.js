// A form is kept on the server while it is written, two seconds after the last key: <form data-keeps="address"
// data-place="story">. Nothing is saved by it: it is offered again on the next visit. When the server cannot be reached or
// the session has ended, this browser keeps the words and hands them over when the form is open again.
(() => {
  "use strict";
  const WAIT = 2000;
  const PREFIX = "tollgate-unsaved:";
  let store = null;
  try { store = window.localStorage; store.getItem(PREFIX); } catch { store = null; }
  const put = (key, value) => { try { store.setItem(key, value); } catch { /* full or forbidden */ } };
  const drop = (key) => { try { store.removeItem(key); } catch { /* forbidden */ } };
  const take = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };

  for (const form of document.querySelectorAll("form[data-keeps]")) {
    const address = form.dataset.keeps;
    const key = PREFIX + form.dataset.person + ":" + address + ":" + form.dataset.place;
    const note = form.querySelector("[data-kept-note]");
    const say = (words, isLost) => {
      if (!note) return;
      note.textContent = words;
      note.classList.toggle("is-lost", Boolean(isLost));
    };
    const typed = () => {
      const data = new FormData(form);
      for (const [name, value] of [...data]) if (typeof value !== "string") data.delete(name);
      data.set("place", form.dataset.place);
      return data;
    };
    let last = new URLSearchParams(typed()).toString();
    let timer = 0;
    let flight = null;
    let isSent = false;

    const keep = async () => {
      const data = typed();
      const now = new URLSearchParams(data).toString();
      if (isSent || now === last) return;
      if (flight) flight.abort();
      flight = new AbortController();
      try {
        const answer = await fetch(address, { method: "POST", body: data, redirect: "manual", signal: flight.signal });
        if (answer.status !== 204) throw new Error(answer.status && answer.status < 500 ? await answer.text() : "");
        last = now;
        drop(key);
        say("Kept at " + new Date().toLocaleTimeString(undefined, { timeStyle: "short" }) + ", not saved yet");
      } catch (problem) {
        if (problem.name === "AbortError") return;
        put(key, JSON.stringify([...data].filter(([name]) => name !== "csrfmiddlewaretoken")));
        say("Kept in this browser only: the portal cannot be reached, or your session has ended. You can go on writing.", true);
      }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, WAIT); });
    form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(keep, WAIT); });
    form.addEventListener("submit", () => {
      isSent = true;
      clearTimeout(timer);
      if (flight) flight.abort();
      drop(key);
    });
    // Back on this page after it was sent: what is typed now is a form anew, under a word of its own.
    window.addEventListener("pageshow", () => {
      if (!isSent) return;
      const word = crypto.getRandomValues(new Uint8Array(12));
      form.elements.namedItem("opening").value = Array.from(word, (byte) => byte.toString(16).padStart(2, "0")).join("");
      last = new URLSearchParams(typed()).toString();
      isSent = false;
    });
    window.addEventListener("pagehide", () => {
      const data = typed();
      if (!isSent && new URLSearchParams(data).toString() !== last) navigator.sendBeacon(address, data);
    });

    // What only this browser has goes to the server now, and is offered from there.
    const left = take(key);
    if (Array.isArray(left)) {
      const data = new FormData();
      for (const [name, value] of left) data.append(name, value);
      data.set("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
      fetch(address, { method: "POST", body: data, redirect: "manual" }).then((answer) => {
        if (answer.status !== 204) return;
        drop(key);
        location.reload();
      }).catch(() => {});
    }
  }
})();
