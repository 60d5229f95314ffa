// Rows of tables in .sortable are filtered by a text and sorted by a click on a heading.
for (const box of document.querySelectorAll(".sortable")) {
  const body = box.querySelector("tbody"), rows = [...body.rows];
  const filter = Object.assign(document.createElement("input"), {type: "search"});
  const label = document.createElement("label"), number = document.createElement("output");
  label.append("Rows with ", filter);
  const bar = document.createElement("p");
  bar.className = "filter";
  bar.append(label, " ", number);
  box.prepend(bar);
  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      shown += !row.hidden;
    }
    number.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  };
  filter.addEventListener("input", show);
  show();
  const headings = [...box.querySelectorAll("thead th")];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    const key = row => row.cells[column].textContent;
    const value = row => parseFloat(key(row).replaceAll(",", ""));
    const isText = heading.classList.contains("text");
    button.addEventListener("click", () => {
      // Text ascends at first, numbers descend; empty cells stay at the end.
      const first = isText ? "ascending" : "descending";
      const other = isText ? "descending" : "ascending";
      const order = heading.ariaSort === first ? other : first;
      headings.forEach(each => each.ariaSort = null);
      heading.ariaSort = order;
      const sign = order === "ascending" ? 1 : -1;
      rows.sort((a, b) => (key(a) === "") - (key(b) === "") || sign * (
        isText ? key(a).localeCompare(key(b), "en", {numeric: true}) : value(a) - value(b)));
      body.append(...rows);
    });
  });
}
