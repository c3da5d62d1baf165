(() => {
  const table = document.getElementById("calls");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const tools = document.getElementById("tools");
  const words = document.getElementById("words");
  const which = document.getElementById("which");
  const count = document.getElementById("count");
  tools.hidden = false;
  const texts = rows.map(row => row.textContent.toLowerCase());
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = (!which.value || row.dataset.decision === which.value) && wanted.every(word => texts[at].includes(word));
      row.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${shown} of ${rows.length}`;
  };
  words.addEventListener("input", filter);
  which.addEventListener("change", filter);
  filter();
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.append(button);
    const number = head.classList.contains("number");
    const value = row => number ? Number(row.cells[column].dataset.value) : row.cells[column].textContent;
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" || (number && !head.hasAttribute("aria-sort"));
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      const order = (a, b) => sign * (number ? value(a) - value(b) : value(a).localeCompare(value(b)));
      body.append(...rows.slice().sort(order));
    });
  });
})();
