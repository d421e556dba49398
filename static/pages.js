// Keys, the count of what is selected, and what came and went meanwhile. Every page works without it.
"use strict";
(() => {
  const body = document.body;
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // What is selected.
  const boxes = all('input[name="alert"]');
  const count = one("[data-count]");
  const everyone = one("[data-all]");
  const tell = () => {
    const selected = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = selected ? fill(count.dataset.text, { count: selected }) : "";
    if (everyone) {
      everyone.checked = selected > 0 && selected === boxes.length;
      everyone.indeterminate = selected > 0 && selected < boxes.length;
    }
  };
  for (const box of boxes) box.addEventListener("change", tell);
  if (everyone) {
    everyone.hidden = false;
    everyone.addEventListener("change", () => {
      for (const box of boxes) box.checked = everyone.checked;
      tell();
    });
  }
  tell();

  // A code or a purpose that needs a note asks for it here already; the server asks in any case.
  for (const verdict of all("[data-verdict], [data-purpose]")) {
    const note = verdict.form.querySelector("[data-note]");
    if (!note) continue;
    const ask = () => {
      const chosen = verdict.selectedOptions[0];
      note.required = Boolean(chosen && "needsNote" in chosen.dataset);
    };
    verdict.addEventListener("change", () => {
      ask();
      if (note.required && !note.value) note.focus();
    });
    ask();
  }

  // What was shown once is masked again when the page is loaded again, or gone back to.
  const shown = one("[data-address]");
  if (shown) history.replaceState(null, "", shown.dataset.address);

  // Help.
  const help = one("[data-help]");
  const helpButton = one("[data-help-button]");
  if (help && helpButton) {
    helpButton.hidden = false;
    helpButton.addEventListener("click", () => help.showModal());
  }

  // Keys.
  const rows = all("[data-row]");
  let current = -1;
  const move = (step) => {
    if (!rows.length) return;
    current = Math.min(Math.max(current + step, 0), rows.length - 1);
    for (const row of rows) row.classList.toggle("current", row === rows[current]);
    rows[current].querySelector("[data-open]").focus({ preventScroll: true });
    rows[current].scrollIntoView({ block: "nearest" });
  };
  const follow = (selector) => {
    const link = one(selector);
    if (link) link.click();
    return Boolean(link);
  };
  // The same key acts on an alert at once, opens its form, or chooses it for what is selected.
  const act = (key, action) => {
    const button = one(`button[data-key="${key}"]`);
    if (button) return button.click();
    const details = one(`details[data-key-open="${key}"]`);
    if (details) {
      details.open = true;
      details.querySelector("input:not([type=hidden]), select, textarea").focus();
      return;
    }
    const choice = one("[data-bulk] select[name=action]");
    if (!choice) return;
    if (!boxes.some((box) => box.checked) && rows[current]) {
      rows[current].querySelector('input[name="alert"]').checked = true;
      tell();
    }
    choice.value = action;
    choice.focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const box = rows[current]?.querySelector('input[name="alert"]');
      if (box) box.click();
    },
    u: () => follow("[data-back]"),
    n: () => follow("[data-next]") || move(1),
    a: () => act("a", "take"),
    s: () => act("s", "snooze"),
    w: () => act("w", "wait"),
    e: () => act("e", "escalate"),
    v: () => one("[data-verdict]")?.focus(),
    d: () => (one("#since") ?? one("#changed") ?? one("#history"))?.scrollIntoView(),
    "/": () => {
      const field = one("[data-search]") ?? one("[data-filter]");
      if (field) return field.focus();
      if (body.dataset.searchPage) location.assign(body.dataset.searchPage);
    },
    "?": () => help?.showModal(),
  };
  const isTyping = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog");
  if ("shortcuts" in body.dataset) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
      if (isTyping(event.target)) return;
      if (event.key === "Enter" && event.target === body && rows[current]) {
        event.preventDefault();
        rows[current].querySelector("[data-open]").click();
        return;
      }
      const does = keys[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    });
  }

  // What came and went since the page was made.
  const live = one("[data-live]");
  if (live && "signedIn" in body.dataset && "EventSource" in window) {
    const isOfList = "list" in body.dataset;
    const alert = body.dataset.alert;
    if (isOfList || alert) {
      const query = new URLSearchParams({ epoch: body.dataset.epoch });
      if (alert) query.set("alert", alert);
      let source = null;
      const complete = one("[data-complete]");
      const listen = () => {
        source = new EventSource(`/live?${query}`);
        source.addEventListener("frontier", (event) => {
          const news = JSON.parse(event.data);
          if (complete) complete.textContent = fill(complete.dataset.text, news);
          if (isOfList && (news.raised || news.withdrawn)) {
            const values = { raised: news.raised_text, withdrawn: news.withdrawn_text };
            const text = fill(live.dataset.text, values);
            const place = live.querySelector("[data-live-text]");
            if (place.textContent !== text) place.textContent = text;
            live.querySelector("[data-live-bar]").hidden = false;
          }
          const banner = one("[data-alert-banner]");
          if (alert && news.alert && banner) {
            const text = live.dataset[news.alert];
            if (banner.textContent !== text) banner.textContent = text;
            banner.hidden = false;
          }
        });
      };
      // Pages that nobody looks at leave their place to others, and keep no session alive.
      const patience = 5 * 60 * 1000;
      let touched = Date.now();
      const decide = () => {
        if (document.hidden || Date.now() - touched > patience) {
          source?.close();
          source = null;
        } else if (!source) {
          listen();
        }
      };
      document.addEventListener("visibilitychange", decide);
      setInterval(decide, 30 * 1000);
      for (const sign of ["keydown", "pointermove", "scroll"]) {
        document.addEventListener(sign, () => {
          touched = Date.now();
          if (!source) decide();
        }, { passive: true });
      }
      window.addEventListener("pagehide", () => source?.close());
      decide();
    }
  }
})();
