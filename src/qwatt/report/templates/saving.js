// Puts a link beside every figure that saves it as an SVG file of its own: light colours, title and source in it.
(() => {
  const data = JSON.parse(document.getElementById("figure-frames").textContent);
  const sheet = document.createElement("style");
  sheet.textContent = ".save-figure{display:inline-block;font:inherit;font-size:.8rem;color:inherit;opacity:.75;background:none;"
    + "border:1px solid currentColor;border-radius:4px;padding:0 7px;margin:4px 0;cursor:pointer}"
    + ".save-figure:hover,.save-figure:focus-visible{opacity:1}@media print{.save-figure{display:none}}";
  document.head.append(sheet);

  const wholeFile = (picture, [start, end]) => {
    const inside = [...picture.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join("");
    return start + data.style + inside.replace(/var\(--(\w+)\)/g, (_, token) => data.colours[token]) + end;
  };

  for (const picture of document.querySelectorAll("svg[data-figure]")) {
    const name = picture.dataset.figure;
    const { title, frame } = data.figures[name];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save-figure";
    button.textContent = "SVG";
    button.setAttribute("aria-label", `Save as SVG: ${title}`);
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([wholeFile(picture, frame)], { type: "image/svg+xml" }));
      link.download = `${name}.svg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
    (picture.closest(".scroll") ?? picture).after(button);
  }
})();
