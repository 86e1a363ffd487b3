// What a threshold brings, said again at each move of the slider; the form says the same without a script.
// Reads #answers-data {thresholds, code, unit, digits}, writes every [data-answers], the cost chart and its table.
// The sums are those of explain/attributions/performance/costs.py; both must round alike.
(() => {
  "use strict";
  const told = document.getElementById("answers-data");
  const form = document.getElementById("answers-form");
  if (!told || !form) return;
  const { thresholds, code, unit, digits } = JSON.parse(told.textContent);
  const { at, tp, fp, tn, fn } = thresholds;
  const threshold = form.elements.namedItem("threshold");
  const Z = 1.959963984540054, THIN = "\u202f", SPACE = "\u00a0";

  const grouped = (text, sign) => text.replace(/\B(?=(\d{3})+(?!\d))/g, sign);
  const count = (value) => grouped(String(value), ",");
  const percent = (share) => `${(100 * share).toFixed(1)}${SPACE}%`;
  const money = (value) => {
    const places = Number.isInteger(value) ? 0 : digits;
    const [whole, rest] = value.toFixed(places).split(".");
    return `${grouped(whole, THIN)}${rest ? `.${rest}` : ""}${SPACE}${unit}`;
  };
  const ofHundred = (share) => {
    const whole = Number((100 * share).toFixed(0));
    if (whole === 100 && share < 1) return "over 99";
    return whole === 0 && share > 0 ? "fewer than 1" : String(whole);
  };
  // Score interval of a proportion (Wilson 1927).
  const wilson = (k, n) => {
    const share = k / n, square = Z * Z;
    const middle = (share + square / (2 * n)) / (1 + square / n);
    const half = Z * Math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n);
    return [k === 0 ? 0 : Math.max(0, middle - half), k === n ? 1 : Math.min(1, middle + half)];
  };

  const amount = (name) => {
    const field = form.elements.namedItem(name);
    const value = Number(field.value);
    return field.value.trim() === "" || !Number.isFinite(value) || value < 0 ? null : value;
  };
  // Costs in cents are whole numbers, which add up without a rest.
  const costs = () => {
    const alarm = amount("false_alarm"), miss = amount("miss");
    if (alarm === null && miss === null) return { alarm: 100, miss: 100, priced: false };
    return { alarm: Math.round(100 * (alarm || 0)), miss: Math.round(100 * (miss || 0)), priced: true };
  };
  const totals = (cost) => at.map((_, place) => (fp[place] * cost.alarm + fn[place] * cost.miss) / 100);
  const cheapest = (all, chosen) => {
    const lowest = Math.min(...all);
    if (all[chosen] === lowest) return chosen;
    const first = all.indexOf(lowest);
    let last = first;
    while (last + 1 < all.length && all[last + 1] === lowest) last += 1;
    return Math.floor((first + last) / 2);
  };
  const nearest = (value) => at.reduce((best, one, place) => (Math.abs(one - value) < Math.abs(at[best] - value) ? place : best), 0);

  const write = (key, text) => {
    for (const found of document.querySelectorAll(`[data-answers="${key}"]`)) if (found.textContent !== text) found.textContent = text;
  };
  const rate = (key, k, n) => {
    const [low, high] = n ? wilson(k, n) : [];
    write(key, n ? `${count(k)} of ${count(n)}, ${percent(k / n)}` : `${count(k)} of ${count(n)}`);
    write(`${key}-interval`, n ? `${percent(low)} to ${percent(high)}` : "");
  };
  const address = (value) => {
    const here = new URL(location.href);
    for (const [name, given] of new FormData(form)) {
      if (String(given).trim() === "") here.searchParams.delete(name); else here.searchParams.set(name, String(given));
    }
    here.searchParams.set("threshold", String(value));
    return here;
  };

  const drawCosts = (all, place, best, priced) => {
    const chart = document.getElementById("cost-chart");
    const holder = chart && document.getElementById(chart.dataset.figure);
    if (!holder) return;
    const figure = JSON.parse(holder.textContent);
    const title = priced ? `cost of all errors (${code})` : "errors";
    figure.data[0].y = all;
    for (const [trace, one] of [[1, best], [2, place]]) { figure.data[trace].x = [at[one]]; figure.data[trace].y = [all[one]]; }
    figure.layout.yaxis.title.text = title;
    figure.layout.yaxis.tickformat = Math.max(...all) >= 10000 ? "~s" : "";
    holder.textContent = JSON.stringify(figure);
    document.dispatchEvent(new CustomEvent("tollgate:redraw", { detail: chart }));
    const table = chart.parentElement.querySelector(".chart-table table");
    if (!table) return;
    const places = all.every(Number.isInteger) ? 0 : digits;
    table.tHead.rows[0].lastElementChild.textContent = title.charAt(0).toUpperCase() + title.slice(1);
    [...table.tBodies[0].rows].forEach((row, one) => {
      const [whole, rest] = all[one].toFixed(places).split(".");
      row.lastElementChild.textContent = grouped(whole, THIN) + (rest ? `.${rest}` : "");
    });
  };

  let waiting = 0;
  const show = () => {
    const place = nearest(Number(threshold.value));
    const cost = costs(), all = totals(cost), best = cheapest(all, place);
    const sum = (value) => (cost.priced ? money(value) : count(value));
    const flagged = tp[place] + fp[place], wanted = tp[place] + fn[place];
    write("at", String(at[place]));
    write("sentences", flagged
      ? `Of 100 cases it flags, ${ofHundred(tp[place] / flagged)} are right. Of 100 cases it should flag, it finds ${ofHundred(tp[place] / wanted)}.`
      : `At this threshold it flags no case, so all ${count(fn[place])} that it should find are missed.`);
    rate("flagged", flagged, flagged + tn[place] + fn[place]);
    rate("right", tp[place], flagged);
    rate("found", tp[place], wanted);
    rate("alarms", fp[place], fp[place] + tn[place]);
    write("total-name", cost.priced ? "Cost of these errors" : "Errors in all");
    write("total", sum(all[place]));
    write("best", best === place ? `No other is ${cost.priced ? "cheaper" : "better"}` : `${cost.priced ? "Cheapest" : "Fewest"} at ${at[best]}: ${sum(all[best])}`);
    for (const link of document.querySelectorAll('a[data-answers="best"]')) {
      const there = address(at[best]);
      there.hash = "answers";
      link.href = there.href;
    }
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      history.replaceState(history.state, "", address(at[place]));
      drawCosts(all, place, best, cost.priced);
    }, 120);
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => { if (form.checkValidity()) { event.preventDefault(); show(); } });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[data-answers="best"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    threshold.value = new URL(link.href).searchParams.get("threshold");
    show();
  });
})();
