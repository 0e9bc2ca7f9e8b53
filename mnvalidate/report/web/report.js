"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"];

  const element = (name, text = "", className = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    made.className = className;
    return made;
  };

  // Plots.
  const layout = (drawing) => {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink").trim();
    const line = style.getPropertyValue("--line").trim();
    const axis = (title) => ({ title: { text: title }, gridcolor: line, zerolinecolor: line, automargin: true });
    const made = {
      margin: { l: 10, r: 10, t: 10, b: 10 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: ink, size: 12 },
      xaxis: axis(drawing.x_label),
      yaxis: axis(drawing.y_label),
      legend: { orientation: "h", x: 0, y: 1.03, yanchor: "bottom" },
      shapes: drawing.pulses.map((pulse) => ({
        type: "rect", xref: "x", yref: "paper", y0: 0, y1: 1, layer: "below", line: { width: 0 },
        x0: pulse.onset__ms, x1: pulse.onset__ms + pulse.duration__ms, fillcolor: ink, opacity: 0.07,
      })),
    };
    if (drawing.logarithmic) Object.assign(made[drawing.logarithmic], { type: "log" });
    return made;
  };
  // From blue to vermilion, which colour-blind readers tell apart, for curves that have an order.
  const ramp = (part) => `rgb(${[0, 114, 178].map((from, i) => Math.round(from + part * ([213, 94, 0][i] - from)))})`;
  const colour = (drawing, i) => drawing.ordered ? ramp(i / Math.max(drawing.curves.length - 1, 1)) : colours[i % colours.length];
  const escaped = (label) => label.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const series = (drawing) => {
    const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
    const dots = drawing.x_label.startsWith("Current");
    const curves = drawing.curves.map((curve, i) => ({
      x: curve.x, y: curve.y, name: escaped(curve.label), type: "scatter",
      mode: dots ? "markers" : "lines",
      line: { color: colour(drawing, i), width: 1.6 },
      marker: { color: colour(drawing, i), size: 8, symbol: ["circle", "square"][i % 2] },
    }));
    const named = new Set();
    const marks = drawing.marks.map((mark) => {
      const first = !named.has(mark.label);
      named.add(mark.label);
      return {
        x: mark.x, y: mark.y, name: escaped(mark.label), legendgroup: mark.label, showlegend: first, type: "scatter",
        mode: mark.x.length === 1 ? "markers" : "lines",
        line: { color: ink, width: 1.6, dash: ["dot", "dash", "dashdot"][(named.size - 1) % 3] },
        marker: { color: ink, size: 10, symbol: ["x", "diamond-open", "triangle-up-open"][named.size % 3] },
      };
    });
    return curves.concat(marks);
  };
  const stimulus = (drawing) =>
    drawing.pulses.map((p) => `${Number(p.amplitude__nA.toPrecision(4))} nA from ${p.onset__ms} to ${p.onset__ms + p.duration__ms} ms`).join(", ");
  // Millions of characters that most readers of the page never need are compiled when they do.
  const loadPlotly = () => {
    if (window.Plotly) return;
    const script = document.createElement("script");
    script.textContent = document.getElementById("plotly").textContent;
    document.head.append(script);
  };
  const draw = (canvas) => {
    loadPlotly();
    Plotly.react(canvas, series(canvas.drawing), layout(canvas.drawing), { responsive: true, displayModeBar: false });
  };
  const add = (plots, drawings) => {
    for (const drawing of drawings) {
      const plot = element("div", "", "plot");
      const canvas = element("div", "", "canvas");
      canvas.drawing = drawing;
      plot.append(element("h4", drawing.title));
      if (drawing.pulses.length) plot.append(element("p", stimulus(drawing), "stimulus"));
      plot.append(canvas);
      plots.append(plot);
    }
  };
  const dataOf = (key) => JSON.parse(document.getElementById(key).textContent);
  dark.addEventListener("change", () => document.querySelectorAll(".js-plotly-plot").forEach(draw));

  // Mechanisms: a curve is drawn when it comes into view.
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "200px" });
  for (const plots of document.querySelectorAll(".mechanism .plots")) {
    add(plots, dataOf(plots.dataset.key).drawings);
    plots.querySelectorAll(".canvas").forEach((canvas) => seen.observe(canvas));
  }

  // Neurons.
  const table = document.getElementById("neuron-table");
  if (!table) return;
  const body = table.tBodies[0];
  const detail = document.getElementById("neuron");
  let shown = null;

  // Sorting: numbers by value, an empty cell last in either direction.
  const key = (row, column) => {
    const text = row.cells[column].textContent.trim();
    if (column === 0) return text;
    const value = parseFloat(text);
    return Number.isNaN(value) ? null : value;
  };
  const natural = new Intl.Collator("en", { numeric: true });
  const sort = (heading) => {
    const column = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const rows = Array.from(body.rows, (row) => [key(row, column), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (column === 0 ? natural.compare(a, b) : a - b);
    });
    body.append(...rows.map(([, row]) => row));
  };
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("th");
    if (heading) sort(heading);
  });

  // Filtering.
  const text = document.getElementById("filter-text");
  const status = document.getElementById("filter-status");
  const count = document.getElementById("filter-count");
  const holds = {
    "": () => true,
    error: (row) => row.querySelector("td.error") !== null,
    warning: (row) => row.querySelector("td.warning") !== null,
    conforms: (row) => row.querySelector("td.error, td.warning") === null,
  };
  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    let visible = 0;
    for (const row of body.rows) {
      row.hidden = !(row.cells[0].textContent.toLowerCase().includes(wanted) && holds[status.value](row));
      visible += !row.hidden;
    }
    count.textContent = `${visible} of ${body.rows.length} neurons`;
  };
  text.addEventListener("input", filter);
  status.addEventListener("change", filter);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  filter();

  // Traces of one neuron.
  const measurements = (rows) => {
    const box = element("div", "", "scroll");
    const made = element("table");
    const head = made.createTHead().insertRow();
    for (const name of ["Quantity", "Value", "Unit", "Outcome", "Reason"]) head.append(element("th", name));
    const lines = made.createTBody();
    for (const row of rows) {
      const line = lines.insertRow();
      row.forEach((cell, i) => line.append(element("td", cell, i === 1 ? "num" : i === 4 ? "wide" : "")));
    }
    box.append(made);
    return box;
  };
  const close = () => {
    detail.hidden = true;
    detail.replaceChildren();
    if (shown) { shown.classList.remove("selected"); shown.querySelector("button").focus(); }
    shown = null;
  };
  const show = (row) => {
    const data = dataOf(row.dataset.key);
    if (shown) shown.classList.remove("selected");
    shown = row;
    row.classList.add("selected");
    const button = element("button", "Close", "close");
    button.type = "button";
    button.addEventListener("click", close);
    const plots = element("div", "", "plots");
    add(plots, data.drawings);
    detail.replaceChildren(button, element("h3", data.title), plots);
    if (!data.drawings.length) detail.append(element("p", "No traces: see the reasons below."));
    if (data.stderr) detail.append(element("pre", data.stderr));
    detail.append(measurements(data.measurements));
    detail.hidden = false;
    detail.querySelectorAll(".canvas").forEach(draw);
    detail.focus({ preventScroll: true });
    detail.scrollIntoView({ block: "start" });
  };
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row) show(row);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !detail.hidden) close(); });
})();
