// Keyboard for every page: "/" goes to the number search, j and k walk a list, Enter opens the row.
(() => {
  const typing = (element) => element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable);

  const rows = () => Array.from(document.querySelectorAll("tr[data-href]"));

  const step = (by) => {
    const all = rows();
    if (!all.length) return false;
    const now = all.indexOf(document.activeElement);
    const next = now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + by, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.getElementById("number-search");
      if (search) {
        event.preventDefault();
        // The theme's lists have a search of their own that listens for the same key.
        event.stopPropagation();
        search.focus();
        search.select();
      }
    } else if (event.key === "j" || event.key === "k") {
      if (step(event.key === "j" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "Enter" && event.target.matches("tr[data-href]")) {
      window.location.assign(event.target.dataset.href);
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) {
      const name = event.target.dataset.tickAll || "pk";
      event.target.form.querySelectorAll(`input[name="${name}"]`).forEach((box) => { box.checked = event.target.checked; });
    }
    const form = event.target.closest("form[data-send-on-change]");
    if (form) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Copies the text of a field. Where the page is not served securely there is no clipboard, and the selection does.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    let copied = false;
    if (navigator.clipboard) {
      copied = await navigator.clipboard.writeText(field.value).then(() => true, () => false);
    }
    copied = copied || document.execCommand("copy");
    button.textContent = copied ? "已复制" : "已选中，请按 Ctrl+C";
  });
})();
