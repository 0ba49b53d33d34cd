// What a filter takes; all else on the page works without.
(() => {
  "use strict";
  const tools = document.getElementById("tools");
  if (!tools) return;
  const actions = [...document.querySelectorAll("#actions > details")];
  const verbs = [...tools.querySelectorAll("[type=checkbox]")];
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  let texts;
  const filter = () => {
    texts ??= actions.map((action) => action.firstElementChild.textContent.toLowerCase());
    const chosen = new Set(verbs.filter((verb) => verb.checked).map((verb) => verb.value));
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    actions.forEach((action, n) => {
      const fits = chosen.has(action.className) && words.every((word) => texts[n].includes(word));
      if (action.hidden === fits) action.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count} of ${actions.length} shown`;
  };
  const each = (open) => () => actions.forEach((action) => { if (!action.hidden) action.open = open; });
  find.addEventListener("input", filter);
  verbs.forEach((verb) => verb.addEventListener("change", filter));
  document.getElementById("open").addEventListener("click", each(true));
  document.getElementById("close").addEventListener("click", each(false));
  tools.hidden = false;
})();
