"use strict";
(() => {
  const given = GIVEN;
  const over = () => Date.now() >= Date.parse(given.end);
  const end = () => {
    const note = document.createElement("p");
    note.textContent = given.note;
    note.setAttribute("role", "alert");
    note.style.cssText = "max-width:36rem;margin:20vh auto;padding:0 1.5rem;font:18px/1.5 system-ui,sans-serif";
    document.body.replaceChildren(note);
    for (const old of document.querySelectorAll("script, head style")) old.remove();
    document.documentElement.style.visibility = "";
  };
  if (over()) {
    document.documentElement.style.visibility = "hidden";
    document.addEventListener("DOMContentLoaded", end);
  } else {
    const later = setInterval(() => { if (over()) { clearInterval(later); end(); } }, 30000);
  }
})();
