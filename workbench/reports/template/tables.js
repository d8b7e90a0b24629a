"use strict";
(() => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const count = (number) => number.toLocaleString("en-US");
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });

  // A number as a spreadsheet reads it; the text itself when it is not one.
  const plain = (text) => {
    const bare = text.replace(/[,\u202f\u00a0 ]/g, "").replace(/%$/, "");
    return bare !== "" && isFinite(bare) ? bare : null;
  };
  const defused = (text) => (/^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]/.test(text) || /^[\t\r\n]/.test(text) ? "'" + text : text);
  const quoted = (text) => (/[",\r\n;]|^\s|\s$/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);

  const csvCell = (cell, numeric) => {
    if ("none" in cell.dataset) return "";
    const text = cell.textContent;
    const number = numeric ? plain(text) : null;
    return quoted(number === null ? defused(text) : number);
  };

  const setUp = (box) => {
    const table = box.querySelector("table");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const numeric = heads.map((head) => head.classList.contains("n"));
    const original = [...body.rows];
    const field = box.querySelector("input[type=search]");
    const button = box.querySelector(".csv");
    const status = box.querySelector(".count");
    let order = original;
    let needle = "";
    let shown = original;
    let moved = false;

    const sortKey = (row, column) => {
      const cell = row.cells[column];
      if ("none" in cell.dataset) return null;
      if (!numeric[column]) return cell.textContent;
      const number = cell.dataset.v ?? plain(cell.textContent);
      return number === null ? cell.textContent : Number(number);
    };
    const compare = (a, b) => {
      if (typeof a === "number" && typeof b === "number") return a - b;
      return words.compare(String(a), String(b));
    };
    const sortBy = (column, direction) => {
      if (direction === "none") { order = original; return; }
      const sign = direction === "ascending" ? 1 : -1;
      const keyed = original.map((row) => [sortKey(row, column), row]);
      keyed.sort(([a], [b]) => (a === null || b === null
        ? (a === null) - (b === null) : sign * compare(a, b)));
      order = keyed.map(([, row]) => row);
    };
    const draw = () => {
      shown = needle ? order.filter((row) => row.textContent.toLocaleLowerCase().includes(needle)) : order;
      // Rows are moved only when there is something to move: a thousand of them cost time.
      if (needle || order !== original || moved) { body.replaceChildren(...shown); moved = true; }
      const values = { n: count(shown.length), total: count(original.length) };
      const whole = original.length === 1 ? texts.row : texts.rows;
      status.textContent = !shown.length ? texts.none
        : say(shown.length === original.length ? whole : texts.some, values);
      button.textContent = say(shown.length === 1 ? texts.csvOne : texts.csv, values);
      button.disabled = !shown.length;
    };

    for (const [column, head] of heads.entries()) {
      const press = document.createElement("button");
      press.type = "button";
      press.textContent = head.querySelector(".label").textContent;
      head.classList.add("sortable"); // a repeated header prints text, but no button
      head.append(press);
      press.addEventListener("click", () => {
        const first = numeric[column] ? "descending" : "ascending";
        const second = numeric[column] ? "ascending" : "descending";
        const now = head.getAttribute("aria-sort");
        const next = now === "none" ? first : now === first ? second : "none";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", next);
        sortBy(column, next);
        draw();
      });
    }
    field?.addEventListener("input", () => {
      needle = field.value.trim().toLocaleLowerCase();
      draw();
    });
    button.addEventListener("click", () => {
      const lines = [heads.map((head) => quoted(defused(head.querySelector(".label").textContent)))];
      for (const row of shown) {
        lines.push([...row.cells].map((cell, column) => csvCell(cell, numeric[column])));
      }
      const content = "\ufeff" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
      link.download = box.dataset.file;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    // The value behind a rounded one is a tip; the mouse asks for it.
    body.addEventListener("mouseover", ({ target }) => {
      const cell = target.closest("td");
      if (cell?.dataset.v && !cell.title) cell.title = cell.dataset.v;
    });
    box.querySelector(".tools").hidden = false;
    draw();
  };
  for (const box of document.querySelectorAll(".table")) setUp(box);
})();
