// Draws every .chart from the JSON beside it, in the colours of the page. Plotly is fetched only when there is one.
(() => {
  "use strict";
  const source = document.currentScript.dataset.plotly;
  let plotly = null;

  const fetchPlotly = () => plotly || (plotly = new Promise((done, failed) => {
    // Plotly brings a style element for maps, which we have none of and which the content policy refuses;
    // it leaves it out where an element of this name is there already.
    const maps = document.createElement("meta");
    maps.id = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
    document.head.append(maps);
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => done(window.Plotly);
    script.onerror = failed;
    document.head.append(script);
  }));

  // "token:accent" is --tg-accent; "token:accent/0.15" is the same at 15 %.
  const colour = (text, style) => text.replace(/token:([a-z0-9-]+)(?:\/([0-9.]+))?/g, (whole, name, share) => {
    const value = style.getPropertyValue(`--tg-${name}`).trim();
    if (!value) return whole;
    if (!share) return value;
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16));
    return `rgba(${red}, ${green}, ${blue}, ${share})`;
  });
  const coloured = (value, style) => {
    if (typeof value === "string") return value.includes("token:") ? colour(value, style) : value;
    if (Array.isArray(value)) return value.map((inner) => coloured(inner, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner, style)]));
    }
    return value;
  };
  const over = (base, given) => {
    if (!given || typeof given !== "object" || Array.isArray(given)) return given === undefined ? base : given;
    if (!base || typeof base !== "object" || Array.isArray(base)) return given;
    const merged = { ...base };
    for (const [key, value] of Object.entries(given)) merged[key] = over(base[key], value);
    return merged;
  };

  const axis = { gridcolor: "token:line", zerolinecolor: "token:line-strong", linecolor: "token:line-strong",
    tickcolor: "token:line-strong", automargin: true, fixedrange: true, title: { standoff: 8 } };
  const draw = async (chart) => {
    const Plotly = await fetchPlotly();
    if (!chart.isConnected) return;
    const figure = JSON.parse(document.getElementById(chart.dataset.figure).textContent);
    const style = getComputedStyle(document.documentElement);
    const layout = over({
      height: Number(chart.dataset.height), autosize: true, dragmode: false,
      margin: { l: 48, r: 16, t: 16, b: 40 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "inherit", size: 12, color: "token:ink-2" },
      hoverlabel: { bgcolor: "token:sheet", bordercolor: "token:line-strong", font: { color: "token:ink" } },
      legend: { orientation: "h", y: -0.2, x: 0 },
      colorway: ["token:accent", "token:cond", "token:stale", "token:yes", "token:no", "token:ink-3"],
    }, figure.layout || {});
    for (const name of ["xaxis", "yaxis", ...Object.keys(layout).filter((key) => /^[xy]axis\d+$/.test(key))]) {
      const given = layout[name] || {};
      layout[name] = over(axis, typeof given.title === "string" ? { ...given, title: { text: given.title } } : given);
    }
    // Plotly measures its texts itself, so it needs the real family.
    const family = getComputedStyle(chart).fontFamily;
    for (const font of [layout.font, layout.hoverlabel.font]) if (!font.family || font.family === "inherit") font.family = family;
    await Plotly.react(chart, coloured(figure.data || [], style), coloured(layout, style),
      { displayModeBar: false, responsive: true, showTips: false, ...(figure.config || {}) });
    chart.dataset.drawn = "1";
  };

  const asCsv = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => {
    const text = cell.textContent.trim().replace(/\u2212/g, "-").replace(/\u202f/g, "");
    // A leading sign that is no number would be run as a formula by a spreadsheet.
    const safe = /^[=+@\t\r-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }).join(",")).join("\r\n");

  // One after the other, what is in view first, so that the page can be read and used meanwhile.
  const waiting = [];
  let busy = false;
  const whenIdle = window.requestIdleCallback ? (deed) => requestIdleCallback(deed, { timeout: 200 }) : (deed) => setTimeout(deed, 0);
  const away = (chart) => {
    const box = chart.getBoundingClientRect();
    return Math.max(0, box.top - innerHeight, -box.bottom);
  };
  const next = () => {
    busy = waiting.length > 0;
    if (!busy) return;
    const [chart] = waiting.splice(waiting.reduce((best, each, at) => (away(each) < away(waiting[best]) ? at : best), 0), 1);
    draw(chart).catch(() => {
      // No drawing: the table says the same.
      chart.hidden = true;
      const table = chart.parentElement.querySelector(".chart-table");
      if (table) table.open = true;
    }).finally(() => (away(chart) ? whenIdle(next) : next()));
  };

  const prepare = (root) => {
    for (const details of root.querySelectorAll(".chart-table:not([data-ready])")) {
      details.dataset.ready = "1";
      details.open = false;
      const button = details.querySelector("[data-csv]");
      if (!button) continue;
      button.hidden = false;
      button.addEventListener("click", () => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob(["\ufeff", asCsv(details.querySelector("table"))], { type: "text/csv" }));
        link.download = `${button.dataset.csv}.csv`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      });
    }
    for (const chart of root.querySelectorAll(".chart[data-figure]:not([data-waits])")) {
      chart.dataset.waits = "1";
      waiting.push(chart);
    }
    if (!busy) next();
  };
  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  // Another script of the page wrote a new figure for the chart.
  document.addEventListener("tollgate:redraw", (event) => { if (event.detail.dataset.drawn) draw(event.detail); });
  document.addEventListener("tollgate:theme", () => {
    for (const chart of document.querySelectorAll(".chart[data-drawn]")) draw(chart);
  });
})();
