"use strict";
(() => {
  const given = GIVEN;
  const form = document.querySelector("form");
  const said = document.querySelector("[role=status]");
  const held = document.getElementById("sealed");
  const over = () => Date.now() >= Date.parse(given.end);
  const say = (text) => { said.textContent = text; };
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stop = (text) => { form.remove(); held.remove(); say(text); };
  if (over()) { stop(given.note); return; }
  if (!globalThis.crypto?.subtle || !globalThis.DecompressionStream) { stop(given.unable); return; }

  const opened = async (password) => {
    const material = await crypto.subtle.importKey(
      "raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveKey"]);
    const key = await crypto.subtle.deriveKey(
      { name: "PBKDF2", hash: "SHA-256", salt: bytes(given.salt), iterations: given.rounds },
      material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const packed = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: bytes(given.nonce) }, key, bytes(held.textContent.trim()));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };

  form.hidden = false;
  form.querySelector("input").focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (over()) { stop(given.note); return; }
    const field = form.querySelector("input");
    say(given.opening);
    try {
      const page = await opened(field.value);
      document.open();
      document.write(page);
      document.close();
    } catch {
      say(given.wrong);
      field.select();
    }
  });
})();
