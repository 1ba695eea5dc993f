"use strict";
// Draws each chart where the page has a place for it. Expressions are interpreted, so the page needs no leave to evaluate code.
const specs = JSON.parse(document.getElementById("charts").textContent);
const drawn = [...document.querySelectorAll("[data-chart]")].map((place) => {
  const spec = specs[place.dataset.chart];
  spec.params.find((param) => param.name === "room").value = place.clientWidth;
  return vegaEmbed(place, spec, { renderer: "svg", actions: false, ast: true }).catch((error) => {
    place.textContent = `This chart can't be drawn: ${error.message}`;
    place.classList.add("failed");
  });
});
Promise.all(drawn).then(() => document.documentElement.classList.add("drawn"));
