"use strict";
document.querySelectorAll("thead th button").forEach(function (button) {
  button.addEventListener("click", function () {
    const head = button.closest("th");
    const table = head.closest("table");
    const column = Array.prototype.indexOf.call(head.parentNode.children, head);
    const down = head.getAttribute("aria-sort") === "ascending";
    head.parentNode.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = function (row) {
      const cell = row.children[column];
      return cell.dataset.key === undefined ? cell.textContent : Number(cell.dataset.key);
    };
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    rows.sort(function (a, b) {
      const x = value(a), y = value(b);
      const less = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return down ? -less : less;
    });
    rows.forEach(function (row) { body.appendChild(row); });
  });
});
// Reading values off a chart: by the slider below it, or by pointing at a day.
document.querySelectorAll("figure").forEach(function (figure) {
  const read = figure.querySelector(".read");
  const table = figure.querySelector(".numbers table");
  if (read === null || table === null) { return; }
  const range = read.querySelector("input"), said = read.querySelector(".said");
  const heads = Array.from(table.tHead.rows[0].cells).map(function (cell) { return cell.textContent; });
  const rows = Array.from(table.tBodies[0].rows).filter(function (row) { return row.dataset.at !== undefined; });
  const at = rows.map(function (row) { return Number(row.dataset.at); });
  const texts = rows.map(function (row) {
    return Array.from(row.cells).map(function (cell, k) {
      return k === 0 ? (heads[0] === "Date" ? "" : heads[0] + " ") + cell.textContent : heads[k] + ": " + (cell.textContent || "none");
    }).join("; ");
  });
  if (rows.length < 2) { return; }
  const low = at[0], span = at[at.length - 1] - low;
  // The plot of a chart with one panel: as wide as its lines across, as high as the outermost two.
  const plots = Array.from(figure.querySelectorAll("svg")).map(function (svg) {
    if (figure.querySelector(".numbers[data-dated]") === null || svg.querySelectorAll("g.grid").length !== 1) { return null; }
    const across = Array.from(svg.querySelectorAll("g.grid path")).map(function (path) {
      return /^M([\d.]+),([\d.]+)H([\d.]+)$/.exec(path.getAttribute("d"));
    }).filter(Boolean).map(function (m) { return m.slice(1).map(Number); });
    if (across.length < 2) { return null; }
    const heights = across.map(function (m) { return m[1]; });
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    line.setAttribute("class", "cursor");
    line.setAttribute("y1", Math.min.apply(null, heights));
    line.setAttribute("y2", Math.max.apply(null, heights));
    line.setAttribute("visibility", "hidden");
    svg.appendChild(line);
    return { svg: svg, line: line, left: across[0][0], right: across[0][2] };
  }).filter(Boolean);
  function show() {
    const k = Number(range.value);
    said.textContent = texts[k];
    range.setAttribute("aria-valuetext", texts[k]);
    plots.forEach(function (plot) {
      const x = plot.left + (plot.right - plot.left) * (at[k] - low) / span;
      plot.line.setAttribute("x1", x);
      plot.line.setAttribute("x2", x);
      plot.line.setAttribute("visibility", "visible");
    });
  }
  range.max = rows.length - 1;
  range.addEventListener("input", show);
  plots.forEach(function (plot) {
    plot.svg.addEventListener("pointermove", function (event) {
      const box = plot.svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * plot.svg.viewBox.baseVal.width / box.width;
      const wanted = low + span * (x - plot.left) / (plot.right - plot.left);
      let best = 0;
      at.forEach(function (value, k) { if (Math.abs(value - wanted) < Math.abs(at[best] - wanted)) { best = k; } });
      range.value = best;
      show();
    });
  });
  said.textContent = "Move the slider" + (plots.length > 0 ? ", or point at the chart," : "") + " to read off values.";
  range.setAttribute("aria-valuetext", texts[0]);
  read.hidden = false;
});
let folded = [];
window.addEventListener("beforeprint", function () {
  folded = Array.from(document.querySelectorAll("details:not([open]):not(.numbers)")).filter(function (one) {
    return one.querySelector("pre") === null;
  });
  folded.forEach(function (one) { one.open = true; });
});
window.addEventListener("afterprint", function () {
  folded.forEach(function (one) { one.open = false; });
});
