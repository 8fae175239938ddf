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
let folded = [];
window.addEventListener("beforeprint", function () {
  folded = Array.from(document.querySelectorAll("details:not([open])")).filter(function (one) {
    return one.querySelector("pre") === null;
  });
  folded.forEach(function (one) { one.open = true; });
});
window.addEventListener("afterprint", function () {
  folded.forEach(function (one) { one.open = false; });
});
