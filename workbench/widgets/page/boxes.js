// Boxes to choose from and to type in.
const choices = (label, options, value, onChange, path) => {
  const select = make("select", { class: "wbx-input", "aria-label": label, data: { path }, on: { change: () => onChange(select.value) } },
    ...options.map(([name, text]) => make("option", { value: name, text })));
  select.value = value;
  return select;
};
const textBox = (label, value, placeholder, onChange, path) => {
  let told = value;
  const tell = () => { if (input.value !== told) { told = input.value; onChange(told); } };
  const soon = later(tell, 500);
  const input = make("input", { type: "text", class: "wbx-input wbx-short", placeholder, "aria-label": label, data: { path },
    on: { input: soon, change: tell, keydown: (event) => { if (event.key === "Enter") { event.preventDefault(); tell(); } } } });
  input.value = value ?? "";
  return input;
};
