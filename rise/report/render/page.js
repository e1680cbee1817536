"use strict";
// A click on a column's heading sorts its table; cells without a value stay last.
function sort(table, head, column) {
  const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  const value = (row) => row.cells[column].dataset.value;
  const text = (row) => row.cells[column].textContent;
  const body = table.tBodies[0];
  const numbers = head.classList.contains("number");
  const compare = (a, b) => {
    if (!numbers) return sign * text(a).localeCompare(text(b), "en", { numeric: true });
    if (value(a) === undefined || value(b) === undefined) {
      return (value(a) === undefined) - (value(b) === undefined);
    }
    return sign * (Number(value(a)) - Number(value(b)));
  };
  body.append(...Array.from(body.rows).sort(compare));
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
}
for (const table of document.querySelectorAll("table.sortable")) {
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, head, column));
    head.append(button);
  });
}
