// Draws the charts of a dashboard from our own queries. No expression is compiled (ast), so no eval is needed.
"use strict";
(() => {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue("--" + name).trim();
  const config = () => {
    const ink = color("ink"), soft = color("soft"), line = color("line");
    return {
      background: "transparent", font: "system-ui, sans-serif", view: { stroke: null },
      axis: { labelColor: ink, titleColor: soft, gridColor: line, domainColor: soft, tickColor: soft, labelFontSize: 12 },
      legend: { labelColor: ink, titleColor: soft, orient: "top", labelFontSize: 12 },
      range: { category: ["kept", "unchanged", "held", "dropped", "failed", "pending"].map(color) },
    };
  };
  const table = (rows, title) => {
    const made = document.createElement("table");
    made.createCaption().textContent = title;
    const names = Object.keys(rows[0] || {});
    const head = made.createTHead().insertRow();
    for (const name of names) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    const body = made.createTBody();
    for (const row of rows.slice(0, 500)) {
      const line = body.insertRow();
      for (const name of names) line.insertCell().textContent = row[name];
    }
    return made;
  };
  const draw = async (figure, chart) => {
    const answer = await fetch(chart.display.data.url);
    const rows = await answer.json();
    const spec = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", description: chart.title,
      width: "container", autosize: { type: "fit-x", contains: "padding" }, ...chart.display, data: { values: rows }, config: config() };
    await vegaEmbed(figure.querySelector(".drawing"), spec,
      { ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: { disableDefaultStyle: true } });
    figure.querySelector(".numbers-of").append(table(rows, chart.title));
    figure.dataset.drawn = "yes";
  };
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const all = () => Promise.all(Object.entries(charts).map(([name, chart]) => draw(document.getElementById("chart-" + name), chart)));
  all().then(() => { document.body.dataset.drawn = "yes"; });
})();
