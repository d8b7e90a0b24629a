"use strict";
(() => {
  const contents = document.querySelector(".contents details");
  if (contents) {
    const wide = matchMedia("(min-width: 1100px)");
    const fold = () => { contents.open = wide.matches; };
    fold();
    wide.addEventListener("change", fold);
    addEventListener("beforeprint", () => { contents.open = true; });
    addEventListener("afterprint", fold);
    contents.addEventListener("click", (event) => {
      if (event.target.closest("a") && !wide.matches) contents.open = false;
    });
  }
  const links = new Map();
  for (const link of document.querySelectorAll(".contents a")) {
    const part = document.getElementById(link.getAttribute("href").slice(1));
    if (part) links.set(part, link);
  }
  if (!links.size || !("IntersectionObserver" in window)) return;
  let current = null;
  const mark = () => {
    let found = null;
    for (const part of links.keys()) {
      if (part.getBoundingClientRect().top < innerHeight * 0.35) found = part;
    }
    if (found === current) return;
    if (current) links.get(current).removeAttribute("aria-current");
    if (found) links.get(found).setAttribute("aria-current", "true");
    current = found;
  };
  addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
  mark();
})();
