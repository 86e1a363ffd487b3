// Rows of a text area as a grid of cells: typed into, or filled by a paste from a spreadsheet.
// <div data-grid data-faults="id of JSON {row: {field, sentence}}"><textarea>period TAB value TAB note TAB unit</textarea></div>
// Units stand in their column only under a heading that says so; where rows have units and no heading, one is written.
// The text area stays what is sent, one line for each row; with very many rows it stays what is shown, too.
(() => {
  "use strict";
  const COLUMNS = ["period", "value", "note", "unit"];
  const TITLES = { period: "Period", value: "Value", note: "Note", unit: "Unit" };
  const UNIT = /^(unit|units|einheit)$/i;
  const MOST = 400; // rows drawn as cells
  const LEAST = 8, SPARE = 3;

  // Text of a clipboard or of the area: cells between tabs, quoted where they hold a tab, a line end or begin with a quote.
  const cellsOf = (text) => {
    const rows = [];
    let row = [], cell = "", quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const sign = text[at];
      if (quoted) {
        if (sign !== '"') cell += sign;
        else if (text[at + 1] === '"') { cell += '"'; at += 1; } else quoted = false;
      } else if (sign === '"' && cell === "") quoted = true;
      else if (sign === "\t") { row.push(cell); cell = ""; }
      else if (sign === "\n" || sign === "\r") {
        if (sign === "\r" && text[at + 1] === "\n") at += 1;
        row.push(cell); rows.push(row); row = []; cell = "";
      } else cell += sign;
    }
    if (cell !== "" || row.length) { row.push(cell); rows.push(row); }
    return rows.map((each) => each.map((one) => one.replace(/\s+/g, " ").trim()));
  };
  const cellText = (cell) => (cell.startsWith('"') ? `"${cell.replaceAll('"', '""')}"` : cell);

  const enhance = (box) => {
    const area = box.querySelector("textarea");
    const label = box.querySelector(`label[for="${area.id}"]`);
    const told = document.getElementById(box.dataset.faults || "");
    const faults = told ? JSON.parse(told.textContent) : {};
    if (area.value.split("\n").length > MOST) return;

    const scroll = document.createElement("div");
    scroll.className = "grid-scroll";
    const table = document.createElement("table");
    table.className = "entry no-units";
    table.setAttribute("aria-label", label ? label.textContent.trim() : "Rows");
    const head = table.createTHead().insertRow();
    for (const title of ["Row", ...COLUMNS.map((name) => TITLES[name])]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = title;
      head.append(cell);
    }
    const body = table.createTBody();
    scroll.append(table);
    const foot = document.createElement("div");
    foot.className = "grid-foot";
    const count = document.createElement("span");
    count.setAttribute("role", "status");
    const plain = document.createElement("button");
    plain.type = "button";
    plain.className = "plain";
    plain.textContent = "Edit as text";
    const units = document.createElement("button");
    units.type = "button";
    units.className = "plain";
    units.textContent = "Add units";
    foot.append(count, units, plain);
    const showUnits = () => { table.classList.remove("no-units"); units.hidden = true; };

    const rows = []; // [[input, input, input], ...]
    let dirty = false;

    const addRow = () => {
      const number = rows.length + 1;
      const line = body.insertRow();
      line.insertCell().textContent = String(number);
      const inputs = COLUMNS.map((name) => {
        const input = document.createElement("input");
        input.type = "text";
        input.autocomplete = "off";
        input.spellcheck = false;
        input.dataset.row = String(number - 1);
        input.dataset.column = String(COLUMNS.indexOf(name));
        input.setAttribute("aria-label", `${TITLES[name]}, row ${number}`);
        if (name === "value") input.inputMode = "decimal";
        line.insertCell().append(input);
        return input;
      });
      rows.push(inputs);
      const fault = faults[number];
      if (fault) {
        const why = body.insertRow();
        why.className = "why";
        const cell = why.insertCell();
        cell.colSpan = COLUMNS.length + 1;
        cell.id = `${area.id}-why-${number}`;
        cell.textContent = fault.sentence;
        const place = COLUMNS.indexOf(fault.field);
        for (const input of place < 0 ? inputs.slice(0, 2) : [inputs[place]]) {
          input.setAttribute("aria-invalid", "true");
          input.setAttribute("aria-describedby", cell.id);
        }
      }
    };
    const keepSpare = () => {
      const last = rows.findLastIndex((inputs) => inputs.some((input) => input.value.trim() !== ""));
      while (rows.length < Math.max(LEAST, last + 1 + SPARE)) addRow();
      const filled = rows.filter((inputs) => inputs.some((input) => input.value.trim() !== "")).length;
      count.textContent = filled === 1 ? "1 row" : `${filled} rows`;
    };
    const text = () => {
      const cells = rows.map((inputs) => inputs.map((input) => input.value.trim()));
      const heading = cells.find((row) => row.some((cell) => cell !== "")) || [];
      const isNamed = heading.some((cell) => UNIT.test(cell));
      const lines = cells.map((row) => row.map(cellText).join("\t").replace(/\t+$/, ""));
      while (lines.length && lines[lines.length - 1] === "") lines.pop();
      if (!isNamed && cells.some((row) => row[COLUMNS.indexOf("unit")] !== "")) lines.unshift(COLUMNS.join("\t"));
      return lines.join("\n");
    };
    const toText = (value) => {
      area.value = value;
      scroll.remove();
      foot.remove();
      area.hidden = false;
      box.dataset.grid = "text";
    };
    const fill = (cells, top, left) => {
      if (top + cells.length > MOST) {
        // So many cells are slow to draw: they stay text, which is sent just the same.
        const all = cellsOf(text());
        while (all.length < top) all.push([]);
        cells.forEach((row, down) => {
          const line = all[top + down] || (all[top + down] = []);
          row.forEach((cell, right) => { line[left + right] = cell; });
        });
        toText(all.map((row) => Array.from(row, (cell) => cellText(cell || "")).join("\t")).join("\n"));
        area.focus();
        return;
      }
      while (rows.length < top + cells.length) addRow();
      cells.forEach((row, down) => row.forEach((cell, right) => {
        const input = rows[top + down][left + right];
        if (input) input.value = cell;
        if (input && cell && left + right === COLUMNS.indexOf("unit")) showUnits();
      }));
      keepSpare();
      rows[top][left].focus();
    };

    const first = cellsOf(area.value);
    first.forEach((row, down) => {
      addRow();
      row.slice(0, COLUMNS.length).forEach((cell, right) => { rows[down][right].value = cell; });
      if (row[COLUMNS.indexOf("unit")]) showUnits();
    });
    keepSpare();
    area.hidden = true;
    area.after(scroll, foot);
    if (label) label.addEventListener("click", (event) => { if (!area.hidden) return; event.preventDefault(); rows[0][0].focus(); });

    body.addEventListener("input", (event) => {
      dirty = true;
      event.target.removeAttribute("aria-invalid");
      keepSpare();
    });
    body.addEventListener("paste", (event) => {
      const input = event.target.closest("input");
      const pasted = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
      if (!input || !/[\t\n\r]/.test(pasted)) return;
      event.preventDefault();
      dirty = true;
      const cells = cellsOf(pasted.replace(/[\r\n]+$/, ""));
      fill(cells, Number(input.dataset.row), Number(input.dataset.column));
    });
    body.addEventListener("keydown", (event) => {
      const input = event.target.closest("input");
      if (!input) return;
      const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.isComposing) return;
      event.preventDefault(); // Enter goes down, as in a spreadsheet; the buttons send
      const target = rows[Number(input.dataset.row) + step];
      if (target) { target[Number(input.dataset.column)].focus(); target[Number(input.dataset.column)].select(); }
    });
    units.addEventListener("click", () => { showUnits(); rows[0][COLUMNS.indexOf("unit")].focus(); });
    plain.addEventListener("click", () => { toText(text()); area.focus(); });
    area.form.addEventListener("submit", () => {
      if (area.hidden) area.value = text();
      dirty = false;
    });
    window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  };

  for (const box of document.querySelectorAll("[data-grid]")) enhance(box);
})();
