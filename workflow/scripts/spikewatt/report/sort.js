// Sorts tables on request; without it the tables stand in their written order.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, heads, head, column));
  });
}

function sort(table, heads, head, column) {
  const descending = head.getAttribute("aria-sort") === "ascending";
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = table.tBodies[0];
  const text = (row) => row.cells[column].textContent.trim();
  const order = new Intl.Collator("en", { numeric: true });
  const compare = (one, other) => {
    // «> 10 times» counts as 10: the number behind a relation, before a unit.
    const numbers = [text(one), text(other)].map((cell) =>
      Number(/^[<>≥≤≈ ]*(-?[\d.]+(e[+-]?\d+)?)/.exec(cell)?.[1] ?? NaN));
    return numbers.some(Number.isNaN)
      ? order.compare(text(one), text(other))
      : numbers[0] - numbers[1];
  };
  const rows = [...body.rows].sort(compare);
  body.append(...(descending ? rows.reverse() : rows));
}
